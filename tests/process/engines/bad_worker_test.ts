/**
 * Programs that connect as workers and then break the protocol.
 *
 * @module
 */

import { localEngine } from "../../../lib/engines/local/local.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { Outcome, run } from "../../support/engine_rig.ts";
import { frame, lineFrame, resultFrame } from "../../support/worker_frames.ts";

// The program connects, reports that it is ready, and answers the first tasks with some bytes.
const PROGRAM = `
const RS = String.fromCharCode(30), token = Deno.env.get("TOKEN"), bytes = (text) =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
Deno.stdout.writeSync(bytes("early" + RS + token + RS));
const path = JSON.parse(Deno.args[0]).socket;
const socket = await Deno.connect({ transport: "unix", path });
await socket.write(bytes(token));
await socket.read(new Uint8Array(1));
const [ready, answer] = JSON.parse(Deno.env.get("ANSWERS"));
await socket.write(bytes(ready));
await socket.read(new Uint8Array(100_000));
const all = bytes(answer);
for (let at = 0; at < all.length;) at += await socket.write(all.subarray(at));
Deno.exit(0);
`;
const TOKEN = crypto.randomUUID();
const READY = lineFrame(TOKEN, { idle: 0 });

async function runWith(ready: string, answer: string): Promise<Outcome> {
  await using folder = await makeFolder({ "bundle.js": PROGRAM });
  const env = { TOKEN, ANSWERS: JSON.stringify([ready, answer]) };
  const running = run(localEngine, folder, toTasks([1, 2, 3]), { env, workers: 1 });
  return await within(Outcome.of(running), "the run ends");
}

Deno.test("local: a worker that breaks the protocol is ended, and charged when one task is in flight", async (t) => {
  const error = { message: "no", type: "Error", class: "error" };
  const invalid = "its worker sent an invalid response and was killed: ";
  const cases: [name: string, answer: string, message: string][] = [
    ["nothing", "", "its worker exited with code 0"],
    ["text", "hello", `${invalid}a block does not begin with the token of its worker`],
    [
      "no token",
      resultFrame("", 0, 666),
      `${invalid}a block does not begin with the token of its worker`,
    ],
    [
      "another token",
      resultFrame(crypto.randomUUID(), 0, 666),
      `${invalid}a block does not begin with the token of its worker`,
    ],
    ["half a frame", resultFrame(TOKEN, 0, 666).slice(0, -3), "its worker exited with code 0"],
    [
      "a negative count",
      frame(TOKEN, { id: 0, count: -1 }, "666\n"),
      `${invalid}a block has the invalid head "{\\"id\\":0,\\"count\\":-1,\\"bytes\\":4}"`,
    ],
    [
      "a wrong count",
      frame(TOKEN, { id: 0, count: 2 }, "666\n"),
      `${invalid}a block does not contain the 2 results of its head`,
    ],
    ["another task", resultFrame(TOKEN, 7, 666), `${invalid}task 7, attempt 1, is not in flight`],
    ["null", lineFrame(TOKEN, null), `${invalid}it sent the unknown line "null\\n"`],
    [
      "an unknown type",
      lineFrame(TOKEN, { id: 0, type: "x", error }),
      `${invalid}it sent the unknown line ` +
      JSON.stringify(`${JSON.stringify({ id: 0, type: "x", error })}\n`.slice(0, 80)),
    ],
    [
      "idle with a task in flight",
      lineFrame(TOKEN, { idle: 1 }),
      `${invalid}it reported 1 of 1 tasks, 1 without a response`,
    ],
    [
      "idle after more tasks than it received",
      lineFrame(TOKEN, { idle: 9 }),
      `${invalid}it reported 9 of 1 tasks, 1 without a response`,
    ],
    [
      "a lot of NULs",
      "\0".repeat(10_000),
      `${invalid}a block does not begin with the token of its worker`,
    ],
  ];
  for (const [name, answer, message] of cases) {
    await t.step(name, async () => {
      const { results, failures } = await runWith(READY, answer);
      assertEquals([...results], []);
      const found = failures.map(({ event }) => [event.id, event.error.class, event.error.message]);
      assertEquals(found.sort(), [0, 1, 2].map((id) => [id, "crash", message]));
    });
  }
});

Deno.test("local: a job ends when five workers in a row break the protocol before they are ready", async () => {
  const error = await assertRejects(() => runWith("hello", ""), UsageError);
  assertEquals(
    error.message,
    "Cannot start a worker: its worker sent an invalid response and was killed: " +
      "a block does not begin with the token of its worker",
  );
});

Deno.test("local: a job ends when the tasks of five workers in a row arrive damaged", async () => {
  const answer = lineFrame(TOKEN, { damaged: "a block has no head" });
  const error = await assertRejects(() => runWith(READY, answer), UsageError);
  assertEquals(
    error.message,
    "Cannot start a worker: its tasks arrived damaged: a block has no head",
  );
});
