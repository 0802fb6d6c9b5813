/**
 * A worker as a process: lines on stdin, responses on stdout.
 *
 * @module
 */

import { bundleTask } from "../../lib/bundle/build.ts";
import { parseEvents, scanEvents } from "../../lib/journal/scan.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { assert, assertEquals } from "../support/assert.ts";

const TASK = `
export const plain = (x) => {
  if (x === "bad") throw new RangeError("no good");
  if (x === "log") console.log("said");
  if (x === "slow") for (const end = Date.now() + 20; Date.now() < end;);
  if (x === 77) for (const end = Date.now() + 20; Date.now() < end;);
  return x;
};
export const later = async (x) => await plain(x);
`;

/** Returns the bodies of the blocks that a worker writes for some lines. */
async function responsesTo(
  lines: string | Uint8Array<ArrayBuffer>,
  method = "plain",
): Promise<string> {
  await using folder = await makeFolder({ "tasks.js": TASK });
  const { code } = await bundleTask({ module: folder.url("tasks.js"), method });
  await folder.write("bundle.js", code);
  const process = new Deno.Command(Deno.execPath(), {
    // Long enough that no response is written before the end.
    args: ["run", "--quiet", "--no-lock", `${folder.path}/bundle.js`, '{"flushMs":100000}'],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = process.output();
  await new Blob([lines]).stream().pipeTo(process.stdin);
  const text = new TextDecoder().decode((await output).stdout);
  const blocks = text.split("\x1e").filter((block) => block !== "" && block !== "\n");
  return blocks.map((block) => block.replace(/^\{"bytes":\d+\}\n/, "")).join("");
}

/** Returns what happened to each task, in the order of the responses. */
function eventsOf(responses: string): unknown[] {
  return parseEvents(responses).map((event) => {
    // Messages of the worker about itself are not events, but come between them.
    const { id, attempt, result, error, text, idle } = event as unknown as Record<string, unknown>;
    if (idle !== undefined) return `idle ${idle}`;
    if (text !== undefined) return [id, attempt, "log", text];
    return error ? [id, attempt, "failed"] : [id, attempt, result];
  });
}

Deno.test("a worker reports what happened to each task, in the order of the lines", async (t) => {
  const cases: [name: string, lines: string, events: unknown[]][] = [
    ["nothing", "", []],
    ["numbers", "0\n20\n-3.5\n01\n1e3\n1234567890123456000\n", [
      ...[[0, 1, 0], [1, 1, 20], [2, 1, -3.5], [3, 1, "failed"], [4, 1, 1000]],
      [5, 1, 1234567890123456000],
    ]],
    ["anything", '"ü"\n[1,2]\n{"a":null}\ntrue\nnull\n', [
      ...[[0, 1, "ü"], [1, 1, [1, 2]], [2, 1, { a: null }], [3, 1, true], [4, 1, null]],
    ]],
    ["no UTF-8 in between", "1\n\xff\n3\n", [[0, 1, 1], [1, 1, "failed"], [2, 1, 3]]],
    ["a failure", '1\n2\n"bad"\n4\n', [[0, 1, 1], [1, 1, 2], [2, 1, "failed"], [3, 1, 4]]],
    ["heads say which tasks come", "\x1e7 1\n1\n2\n\x1e3 1\n3\n", [[7, 1, 1], [8, 1, 2], [
      3,
      1,
      3,
    ]]],
    ["later attempts", '\x1e7 2\n1\n"bad"\n\x1e9 1\n3\n\x1e4 3\n4\n', [
      ...[[7, 2, 1], [8, 2, "failed"], [9, 1, 3], [4, 3, 4]],
    ]],
    ["a log comes before the task's response", '1\n"log"\n3\n', [
      ...[[0, 1, 1], [1, 1, "log", "said\n"], [1, 1, "log"], [2, 1, 3]],
    ]],
  ];
  for (const [name, lines, expected] of cases) {
    for (const method of ["plain", "later"]) {
      await t.step(`${name}, ${method}`, async () => {
        // Each character is one byte: \xff is not UTF-8.
        const bytes = name.includes("UTF-8")
          ? Uint8Array.from(lines, (letter) => letter.charCodeAt(0))
          : new TextEncoder().encode(lines);
        const count = lines.split("\n").filter((line) => line !== "" && line[0] !== "\x1e").length;
        const responses = eventsOf(await responsesTo(bytes, method));
        assertEquals(responses, ["idle 0", ...expected, ...count > 0 ? [`idle ${count}`] : []]);
      });
    }
  }
});

Deno.test("a worker writes many short tasks in few blocks", async () => {
  const count = 100_000;
  const responses = await responsesTo("7\n".repeat(count));
  assertEquals(parseEvents(responses).filter(({ id }) => id >= 0).length, count);
  const heads = responses.split("\n").filter((line) => line !== "7").length;
  assert(heads < count / 10, `${heads} lines that are not results`);
});

Deno.test("a worker reports how long a slow task took, and charges no other task with it", async () => {
  const responses = await responsesTo('1\n2\n"slow"\n4\n5\n');
  const ms = Number(/\{"id":2,"ms":(\d+),"result":"slow"\}/.exec(responses)?.[1]);
  assert(ms >= 20, responses);
});

Deno.test("a worker charges no very short task with the time of another one", async () => {
  // The slow task is tried at each position between two readings of the clock.
  for (let before = 1000; before < 1008; before++) {
    const responses = await responsesTo("1\n".repeat(before) + "77\n" + "1\n".repeat(20));
    const charged: number[] = [];
    scanEvents(new TextEncoder().encode(responses), {
      block({ id, count, ms = 0 }) {
        if (ms >= 20) charged.push(...Array.from({ length: count }, (_, i) => id + i));
      },
      success(id, start, _result, end) {
        if (Number(/"ms":(\d+)/.exec(responses.slice(start, end))?.[1]) >= 20) charged.push(id);
      },
      other() {},
    });
    assert(charged.includes(before), `task ${before} took long, charged are ${charged.slice(-9)}`);
  }
});
