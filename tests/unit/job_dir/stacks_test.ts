import { answerForStacks, askForStacks } from "../../../lib/job_dir/stacks.ts";
import { exists } from "../../../lib/util/files/fs.ts";
import { enterFolder } from "../../../tools/support/files.ts";
import { within } from "../../../tools/support/until.ts";
import { assertEquals } from "../../support/assert.ts";
import { setClockBack } from "../../support/clock.ts";

const MINUTE = 60_000;
const worker = { worker: "0", pid: 7, tasks: [{ id: 1, attempt: 1, since: 5 }] };
const look = () => [{ ...worker, explain: () => Promise.resolve("it waits") }];
const STACKS = [{ ...worker, text: "it waits" }];

/** Answers until all requests have their answers. */
async function whileAnswering<T>(asked: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const answers = (async () => {
    while (!ended.signal.aborted) {
      await answerForStacks(".", look);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  try {
    return await asked;
  } finally {
    ended.abort();
    await answers;
  }
}

Deno.test("askForStacks() answers every process that asks at the same time", async () => {
  await using _folder = await enterFolder();
  const asked = Array.from({ length: 20 }, () => askForStacks(".", MINUTE));
  assertEquals(await whileAnswering(Promise.all(asked)), Array(20).fill(STACKS));
  assertEquals(exists("stack"), false);
});

Deno.test("askForStacks() leaves nothing when no process answers", async () => {
  await using _folder = await enterFolder();
  assertEquals([await askForStacks(".", 1), exists("stack")], [undefined, false]);
});

Deno.test("askForStacks() ends when the clock of the machine is set back", async () => {
  await using _folder = await enterFolder();
  using _clock = setClockBack();
  assertEquals(await within(askForStacks(".", 100), "the end"), undefined);
});

Deno.test("a worker that ends while it is asked does not keep the others", async () => {
  await using _folder = await enterFolder();
  const gone = { ...worker, worker: "1", explain: () => Promise.reject(new Error("gone")) };
  const asked = askForStacks(".", MINUTE);
  while (!exists("stack")) await new Promise((resolve) => setTimeout(resolve, 5));
  while (exists("stack") && [...Deno.readDirSync("stack")].length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await answerForStacks(".", () => [...look(), gone]);
  assertEquals(await asked, [...STACKS, { ...worker, worker: "1" }]);
});
