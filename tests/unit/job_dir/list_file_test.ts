import {
  addSums,
  type CheckedChunk,
  hasSums,
  ListFile,
  readList,
} from "../../../lib/job_dir/list_file.ts";
import { jobFiles } from "../../../lib/job_dir/layout.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const RECORD = { id: "a job", format: 3 };
const CHUNKS = ["0\n1\n", "2\n", "3\n4\n5\n"];

async function makeList(texts: readonly string[] = CHUNKS, job = RECORD.id) {
  const folder = await makeFolder();
  using file = new ListFile(folder.path, job);
  let id = 0;
  for (const text of texts) {
    const count = text.split("\n").length - 1;
    file.append({ id, count, bytes: new TextEncoder().encode(text) });
    id += count;
  }
  return folder;
}

async function read(folder: string, record: { id: string; format?: number } = RECORD) {
  const shown = ({ id, count, at, bytes, isSound }: CheckedChunk) => [
    ...[id, count, at],
    isSound ? new TextDecoder().decode(bytes) : "damaged",
  ];
  return (await Array.fromAsync(readList(folder, record))).map(shown);
}

Deno.test("readList() checks each part of a list", async (t) => {
  const sound = [[0, 2, 0, "0\n1\n"], [2, 1, 4, "2\n"], [3, 3, 6, "3\n4\n5\n"]];
  const all = CHUNKS.join("");
  const cases: [name: string, text: string | undefined, expected: unknown[]][] = [
    ["as written", all, sound],
    ["a changed line", all.replace("2", "9"), [sound[0], [2, 1, 4, "damaged"], sound[2]]],
    [
      "a removed line",
      all.replace("1\n", ""),
      sound.map(([id, count, at]) => [id, count, at, "damaged"]),
    ],
    ["an added line", `${all}6\n`, [...sound, [6, 0, 12, "damaged"]]],
    ["a cut", all.slice(0, 5), [sound[0], [2, 1, 4, "damaged"], [3, 3, 5, "damaged"]]],
    ["no file", undefined, [[0, 2, 0, "damaged"], [2, 1, 0, "damaged"], [3, 3, 0, "damaged"]]],
  ];
  for (const [name, text, expected] of cases) {
    await t.step(name, async () => {
      await using folder = await makeList();
      const { tasks, sums } = jobFiles(folder.path);
      if (text === undefined) Deno.removeSync(tasks);
      else Deno.writeTextFileSync(tasks, text);
      assertEquals(await read(folder.path), expected);
      const isLonger = text?.startsWith(all) ?? false;
      assertEquals(hasSums(tasks, sums, RECORD.id), isLonger);
    });
  }
});

Deno.test("readList() believes no line after damaged checksums, and no list of another job", async () => {
  await using folder = await makeList();
  const { sums } = jobFiles(folder.path), text = Deno.readTextFileSync(sums);
  Deno.writeTextFileSync(sums, text.replace('{"id":2,', '{"id":1,'));
  assertEquals(await read(folder.path), [[0, 2, 0, "0\n1\n"], [2, 0, 4, "damaged"]]);
  Deno.removeSync(sums);
  assertEquals(await read(folder.path), [[0, 0, 0, "damaged"]]);
  await using other = await makeList(["0\n"], "b job");
  assertEquals(await read(other.path), [[0, 1, 0, "damaged"]]);
});

Deno.test("addSums() adds the checksums that the lists of earlier versions lack", async () => {
  await using folder = await makeFolder({ "tasks.ndjson": "0\n1\n2" });
  assertEquals(await read(folder.path, { id: RECORD.id }), [[0, 2, 0, "0\n1\n"]]);
  Deno.writeTextFileSync(`${folder.path}/tasks.ndjson`, "0\n1\n");
  await addSums(folder.path, RECORD.id);
  assertEquals(await read(folder.path), [[0, 2, 0, "0\n1\n"]]);
});
