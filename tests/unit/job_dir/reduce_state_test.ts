import {
  NOTHING_REDUCED,
  readReduceState,
  reducedTexts,
  type ReduceRecord,
  writeReduceState,
} from "../../../lib/job_dir/reduce_state.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const RECORD: ReduceRecord = {
  name: "work.ts#add",
  code: "abc",
  file: "reduce/abc.js",
  permissions: [],
};

Deno.test("readReduceState() returns what was written, and nothing of a damaged file", async () => {
  await using folder = await makeFolder({ "reduce/keep": "" });
  const state = { results: 2, sum: 7, groups: [["null", "18014398509481985"]] };
  assertEquals(readReduceState(folder.path, RECORD), NOTHING_REDUCED);
  writeReduceState(folder.path, RECORD, state as never);
  assertEquals(readReduceState(folder.path, RECORD), state as never);
  assertEquals(readReduceState(folder.path, { ...RECORD, by: "id" }), NOTHING_REDUCED);
  const path = `${folder.path}/reduce/abc-0.json`, text = await Deno.readTextFile(path);
  for (const damaged of [text.replace("18014", "18015"), text.slice(0, -9), ""]) {
    await Deno.writeTextFile(path, damaged);
    assertEquals(readReduceState(folder.path, RECORD), NOTHING_REDUCED);
  }
});

Deno.test("reducedTexts() returns a value, or an object for each group", () => {
  const groups = [['"a"', "18014398509481985"], ["null", "[]"]] as const;
  assertEquals(reducedTexts(RECORD, groups.slice(0, 1)), ["18014398509481985"]);
  assertEquals(reducedTexts(RECORD, []), ["null"]);
  assertEquals(reducedTexts({ ...RECORD, by: "id" }, groups), [
    '{"key":"a","value":18014398509481985}',
    '{"key":null,"value":[]}',
  ]);
  assertEquals(reducedTexts({ ...RECORD, by: "id" }, []), []);
});
