/**
 * A worker as a process: tasks in, responses out.
 *
 * @module
 */

import { bundleTask } from "../../lib/bundle/build.ts";
import type { WorkerChannel } from "../../lib/engines/local/worker_channel.ts";
import { WorkerProcess } from "../../lib/engines/local/worker_process.ts";
import { scanEvents } from "../../lib/journal/scan.ts";
import { TaskBatch } from "../../lib/tasks/batch.ts";
import { FrameReader } from "../../lib/worker/frame.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { readChannel } from "../support/worker_frames.ts";

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

/** Tasks with consecutive ids, and their first id and attempt. */
type Row = readonly [id: number, attempt: number, lines: string | Uint8Array<ArrayBuffer>];

/** Returns the bodies of the frames that a worker sends for some tasks. */
async function responsesTo(rows: readonly Row[], method = "plain"): Promise<string> {
  await using folder = await makeFolder({ "tasks.js": TASK });
  const { code } = await bundleTask({ module: folder.url("tasks.js"), method });
  await folder.write("bundle.js", code);
  const bundle = `${folder.path}/bundle.js`;
  const place = { job: "a job", files: `${folder.path}/files`, grace: 0 };
  const context = { ...place, bundle, concurrency: 1, env: {}, permissions: ["--allow-all"] };
  const process = new WorkerProcess(context, {});
  process.begin();
  const channel = (await process.channel)!, reading = readChannel(channel);
  for (const row of rows) await writeRow(channel, row);
  await channel.end();
  const text = bodiesOf(await reading, channel.token);
  assertEquals((await process.status).code, 0);
  await process.drain(Promise.resolve());
  return text;
}

async function writeRow(channel: WorkerChannel, [id, attempt, lines]: Row): Promise<void> {
  const bytes = typeof lines === "string" ? new TextEncoder().encode(lines) : lines;
  const count = bytes.filter((byte) => byte === 10).length;
  if (count > 0) await channel.write(TaskBatch.of(bytes, count, id, { attempt }));
}

function bodiesOf(bytes: Uint8Array, token: string): string {
  const reader = new FrameReader(token);
  let text = "", at = 0;
  for (let frame; at < bytes.length && (frame = reader.at(bytes, at)); at = frame.next) {
    const start = frame.head.id === undefined ? frame.body : frame.start;
    text += new TextDecoder().decode(bytes.subarray(start, frame.end));
  }
  assertEquals(at, bytes.length);
  return text;
}

/** Returns what happened to each task, in the order of the responses. */
function eventsOf(responses: string): unknown[] {
  const bytes = new TextEncoder().encode(responses), events: unknown[] = [];
  const text = (start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end));
  scanEvents(bytes, {
    block({ id }, _start, results, end) {
      for (const line of text(results, end).trim().split("\n")) {
        events.push([id++, 1, JSON.parse(line)]);
      }
    },
    success(id, start, _result, end) {
      const { attempt = 1, result } = JSON.parse(text(start, end));
      events.push([id, attempt, result]);
    },
    other(start, end) {
      const { id, attempt, stream, text: said } = JSON.parse(text(start, end));
      // Messages of the worker about itself are not events, but come between them.
      if (id !== undefined) {
        events.push(stream ? [id, attempt, "log", said] : [id, attempt, "failed"]);
      }
    },
  });
  return events;
}

Deno.test("a worker reports what happened to each task, in the order of the lines", async (t) => {
  const cases: [name: string, tasks: string | Row[], events: unknown[]][] = [
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
    ["other tasks", [[7, 1, "1\n2\n"], [3, 1, "3\n"]], [[7, 1, 1], [8, 1, 2], [3, 1, 3]]],
    ["later attempts", [[7, 2, '1\n"bad"\n'], [9, 1, "3\n"], [4, 3, "4\n"]], [
      ...[[7, 2, 1], [8, 2, "failed"], [9, 1, 3], [4, 3, 4]],
    ]],
    ["a log comes before the task's response", '1\n"log"\n3\n', [
      ...[[0, 1, 1], [1, 1, "log", "said\n"], [1, 1, "log"], [2, 1, 3]],
    ]],
  ];
  for (const [name, tasks, expected] of cases) {
    for (const method of ["plain", "later"]) {
      await t.step(`${name}, ${method}`, async () => {
        const rows = typeof tasks === "string" ? [[0, 1, toBytes(tasks)] as const] : tasks;
        const responses = await responsesTo(rows, method);
        assertEquals(eventsOf(responses), expected);
        const count = new Set(expected.map((event) => (event as unknown[])[0])).size;
        assertEquals(responses.trim().split("\n").at(-1), `{"idle":${count}}`);
      });
    }
  }
});

/** Returns text as bytes. The character \xff becomes a byte that is not UTF-8. */
function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return text.includes("\xff")
    ? Uint8Array.from(text, (letter) => letter.charCodeAt(0))
    : new TextEncoder().encode(text);
}

Deno.test("a worker writes many short tasks in few blocks", async () => {
  const count = 100_000;
  const responses = await responsesTo([[0, 1, "7\n".repeat(count)]]);
  assertEquals(eventsOf(responses).length, count);
  const heads = responses.split("\n").filter((line) => line !== "7").length;
  assert(heads < count / 10, `${heads} lines that are not results`);
});

Deno.test("a worker reports how long a slow task took, and charges no other task with it", async () => {
  const responses = await responsesTo([[0, 1, '1\n2\n"slow"\n4\n5\n']]);
  const ms = Number(/\{"id":2,"ms":(\d+),"result":"slow"\}/.exec(responses)?.[1]);
  assert(ms >= 20, responses);
});

Deno.test("a worker charges no very short task with the time of another one", async () => {
  // The slow task is tried at each position between two readings of the clock.
  for (let before = 1000; before < 1008; before++) {
    const responses = await responsesTo([[0, 1, "1\n".repeat(before) + "77\n" + "1\n".repeat(20)]]);
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
