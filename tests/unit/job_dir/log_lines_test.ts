import { parseLogLine, parseSpan } from "../../../lib/job_dir/log_lines.ts";
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
