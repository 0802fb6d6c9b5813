import { lastLogLines, parseLogLine, parseSpan } from "../../../lib/job_dir/log_lines.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("parseLogLine() and parseSpan() leave out damaged lines", () => {
  const log = { id: -1, attempt: 1, stream: "stdout", text: "a" } as const;
  const span = { worker: "0", from: 1, to: 2, id: 0, count: 1 };
  assertEquals(parseLogLine(JSON.stringify(log)), [log]);
  assertEquals(parseSpan(JSON.stringify(span)), [span]);
  for (const line of ["", "\0", "7", "null", "[]", '{"id":1}', '{"id":"1","text":"a"}', "{"]) {
    assertEquals([line, parseLogLine(line), parseSpan(line)], [line, [], []]);
  }
});

Deno.test("lastLogLines() leaves out lines that begin before the part, and a torn one", async () => {
  const logs = ["a", "b", "c"].map((text) => ({ id: 1, attempt: 1, stream: "stdout", text }));
  const lines = logs.map((log) => `${JSON.stringify(log)}\n`), { length } = lines[0]!;
  await using folder = await makeFolder({ log: lines.join("") + '{"id":2' });
  const last = (bytes: number) => lastLogLines(`${folder.path}/log`, bytes).map(({ text }) => text);
  assertEquals(last(1000), ["a", "b", "c"]);
  assertEquals(last(2 * length), ["c"]);
  assertEquals(lastLogLines(`${folder.path}/none`, 1000), []);
});
