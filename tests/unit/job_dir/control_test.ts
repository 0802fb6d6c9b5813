import { appendControl, readControl } from "../../../lib/job_dir/control.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("readControl() returns the changes after an offset, in order", async () => {
  await using folder = await makeFolder();
  assertEquals(readControl(folder.path, 0), { lines: [], end: 0 });
  const first = appendControl(folder.path, { set: { workers: 8 } });
  const second = appendControl(folder.path, { isPaused: true });
  const all = readControl(folder.path, 0);
  assertEquals(all.end, second);
  assertEquals(all.lines.map(({ at: _at, ...change }) => change), [
    { set: { workers: 8 } },
    { isPaused: true },
  ]);
  const rest = readControl(folder.path, first);
  assertEquals([rest.lines.length, rest.end], [1, second]);
  assertEquals(readControl(folder.path, second), { lines: [], end: second });
});

Deno.test("readControl() waits for the end of a line, and passes over a damaged one", async () => {
  await using folder = await makeFolder({ "control.ndjson": 'x\n[1]\n{"at":"t","isPaused":tr' });
  assertEquals(readControl(folder.path, 0), { lines: [], end: 6 });
  await Deno.writeTextFile(`${folder.path}/control.ndjson`, "ue}\n", { append: true });
  assertEquals(readControl(folder.path, 6).lines, [{ at: "t", isPaused: true }]);
});
