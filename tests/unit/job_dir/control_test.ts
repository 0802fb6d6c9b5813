import { appendControl, readControl } from "../../../lib/job_dir/control.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("readControl() returns the changes after an offset, in order", async () => {
  await using folder = await makeFolder();
  assertEquals(readControl(folder.path, 0), { lines: [], end: 0 });
  const first = appendControl(folder.path, { set: { workers: 8 } }, {});
  const second = appendControl(folder.path, { isPaused: true }, {});
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

Deno.test("appendControl() asks for a change in a file that has lost its end", async (t) => {
  const [line, controlled] = ['{"at":"t","isPaused":true}\n', 27];
  const files: Record<string, string | undefined> = {
    "without a part that was applied": line.slice(0, 9),
    "without its content": "",
    "that was removed": undefined,
    "with a part of another change": `${line}{"at":"t","isPau`,
  };
  for (const [name, text] of Object.entries(files)) {
    await t.step(name, async () => {
      await using folder = await makeFolder(text === undefined ? {} : { "control.ndjson": text });
      const end = appendControl(folder.path, { set: { workers: 1 } }, { controlled });
      const { lines, ...rest } = readControl(folder.path, controlled);
      assertEquals(lines.map(({ set }) => set), [{ workers: 1 }]);
      assertEquals(rest.end, end);
    });
  }
});
