import { TaskLines } from "../../../lib/worker/task_lines.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

function load(lines: TaskLines, text: string): void {
  lines.load(text, new TextEncoder().encode(text));
}

/** Reads all tasks of some texts, as the loop of a worker does. */
function readAll(...texts: readonly string[]): unknown[] {
  const lines = new TaskLines({}, () => {}), tasks: unknown[] = [];
  for (const text of texts) {
    load(lines, text);
    while (!lines.isDone) {
      lines.begin();
      const args = lines.readArgs();
      tasks.push([lines.id, lines.attempt, args]);
    }
  }
  assertEquals(lines.count, tasks.length);
  return tasks;
}

Deno.test("TaskLines reads arguments of any kind", async (t) => {
  const cases: [line: string, args: unknown][] = [
    ["0", 0],
    ["7", 7],
    ["123456789012345", 123456789012345],
    ["1234567890123456", 1234567890123456],
    ["123456789012345678", 123456789012345680],
    ["-3.5", -3.5],
    ["1e3", 1000],
    [" 7 ", 7],
    ['"ü"', "ü"],
    ['{"a":[1]}', { a: [1] }],
  ];
  for (const [line, args] of cases) {
    await t.step(line, () => assertEquals(readAll(`${line}\n`), [[0, 1, args]]));
  }
});

Deno.test("TaskLines fails on a line that is not JSON, and reads the next one", async (t) => {
  for (const line of ["", "01", "1 2", "{", "nothing"]) {
    await t.step(JSON.stringify(line), () => {
      const lines = new TaskLines({}, () => {});
      load(lines, `${line}\n8\n`);
      lines.begin();
      assertThrows(() => lines.readArgs(), SyntaxError);
      lines.begin();
      assertEquals([lines.id, lines.readArgs(), lines.isDone], [1, 8, true]);
    });
  }
});

Deno.test("TaskLines counts ids from the list's start, from a given task, and across blocks", () => {
  assertEquals(readAll("1\n2\n", "3\n"), [[0, 1, 1], [1, 1, 2], [2, 1, 3]]);
  const lines = new TaskLines({}, () => {});
  lines.startAt(7, 2);
  for (const id of [7, 8]) {
    load(lines, "1\n");
    lines.begin();
    assertEquals([lines.id, lines.attempt, lines.readArgs(), lines.isDone], [id, 2, 1, true]);
  }
});
