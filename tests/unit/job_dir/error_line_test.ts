/**
 * The lines of the errors file.
 *
 * @module
 */

import { errorLine } from "../../../lib/job_dir/error_line.ts";
import type { TaskError } from "../../../lib/journal/format.ts";
import { assertEquals } from "../../support/assert.ts";

function lineOf(error: Partial<TaskError>, args = "[1.10]"): string {
  const failure = { message: "no", type: "Error", class: "error" as const, ...error };
  const event = { id: 7, attempt: 2, type: "failed" as const, ms: 0, error: failure };
  return errorLine(event, new TextEncoder().encode(args));
}

const END = '"type":"Error","class":"error","task":7,"attempts":2}';

Deno.test("errorLine() keeps the arguments as they are, and every line has the same keys", () => {
  assertEquals(lineOf({}), `{"ERROR":"no","ARGS":[1.10],"KWARGS":{},${END}`);
  assertEquals(lineOf({}, '{"a":'), `{"ERROR":"no","ARGS":"{\\"a\\":","KWARGS":{},${END}`);
  assertEquals(lineOf({ value: "ERROR no" }), `{"ERROR":"no","ARGS":[1.10],"KWARGS":{},${END}`);
});

Deno.test("errorLine() keeps all keys of an object that the function returned", () => {
  const given = '"ARGS":[1.10],"KWARGS":{}';
  const cases: [value: Record<string, unknown>, line: string][] = [
    [{ ERROR: "no", tile: "a", seen: [1] }, `"ERROR":"no",${given},"tile":"a","seen":[1],${END}`],
    [{ ERROR: { code: 5 } }, `"ERROR":{"code":5},${given},${END}`],
    [
      { ERROR: "no", ARGS: [[1.5]], KWARGS: { band: "nir" } },
      `"ERROR":"no","ARGS":[[1.5]],"KWARGS":{"band":"nir"},${END}`,
    ],
    [{ ERROR: "no", value: 3 }, `"ERROR":"no",${given},"value":3,${END}`],
  ];
  assertEquals(cases.map(([value]) => lineOf({ value })), cases.map(([, line]) => `{${line}`));
});

Deno.test("errorLine() keeps keys that have the names of facts about the task", () => {
  const value = { ERROR: "no", task: "clip" };
  const head = '{"ERROR":"no","ARGS":[1.10],"KWARGS":{},"task":7,"type":"Error","class":"error"';
  assertEquals(lineOf({ value }), `${head},"attempts":2,"value":${JSON.stringify(value)}}`);
});
