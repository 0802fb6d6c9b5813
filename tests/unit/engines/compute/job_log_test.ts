import { type JobLog, JobLogs, waitBriefly } from "../../../../lib/engines/compute/job_log.ts";
import type { Platform } from "../../../../lib/engines/compute/platform.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { HttpError } from "../../../../lib/engines/compute/http.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

type Ask = Platform["jobLog"];

/** Reads logs from a function, and returns the warnings, too. */
function logsOf(jobLog: Ask, signal: AbortSignal = new AbortController().signal) {
  const warnings: string[] = [];
  const logs = new JobLogs({ jobLog }, (text) => warnings.push(text), signal, 100);
  return { logs, warnings };
}

async function textOf(log: JobLog): Promise<string | undefined> {
  await log.over;
  return log.text;
}

/** Never answers before the limit. */
const stalled: Ask = (_id, { signal } = {}) =>
  new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));

Deno.test("JobLogs.read() returns a log, and nothing where there is none", async () => {
  const { logs, warnings } = logsOf((id) => Promise.resolve(id === "a" ? "text" : undefined));
  const found = [logs.read("a"), logs.read("b"), logs.read(undefined)];
  assertEquals(found.map(({ isOver }) => isOver), [false, false, false]);
  assertEquals(await Promise.all(found.map(textOf)), ["text", undefined, undefined]);
  assertEquals([found.map(({ isOver }) => isOver), warnings], [[true, true, true], []]);
});

Deno.test("JobLogs.read() warns about a log that cannot be read, and never fails", async (t) => {
  const refused = new HttpError("no", 500);
  const cases: [name: string, ask: Ask, state: string][] = [
    ["an error", () => Promise.reject(refused), "cannot be read (status 500)"],
    [
      "a refusal",
      () => Promise.reject(new UsageError("no", { cause: new HttpError("no", 403) })),
      "cannot be read (status 403)",
    ],
    ["silence", stalled, "cannot be read (The operation was aborted due to timeout)"],
    [
      "too much",
      () => Promise.resolve("x".repeat(8 * 1024 * 1024)),
      "is too long and ends early",
    ],
  ];
  for (const [name, ask, state] of cases) {
    await t.step(name, async () => {
      const { logs, warnings } = logsOf(ask);
      await logs.read("a").over;
      assertEquals(warnings, [
        `Warning: the log of a platform job ${state}; results do not depend on it`,
      ]);
    });
  }
});

Deno.test("JobLogs.read() gives up after four logs in a row that take too long", async () => {
  let asked = 0;
  const { logs } = logsOf((...args) => (asked++, stalled(...args)));
  const all = Array.from({ length: 50 }, (_, i) => logs.read(`${i}`));
  assertEquals(await Promise.all(all.map(textOf)), Array(50).fill(undefined));
  // Up to three others may have begun before the fourth was given up.
  assert(asked <= 7, `${asked}`);
});

Deno.test("JobLogs.read() ends without a warning when the run ends", async () => {
  const end = new AbortController(), { logs, warnings } = logsOf(stalled, end.signal);
  const log = logs.read("a");
  end.abort();
  assertEquals([await textOf(log), warnings], [undefined, []]);
});

Deno.test("waitBriefly() waits for logs, but not for those that stall", async () => {
  const signal = new AbortController().signal;
  const { logs } = logsOf(() => Promise.resolve("text"));
  const log = logs.read("a");
  await waitBriefly([log], signal);
  assertEquals(log.text, "text");
  const open = { text: undefined, isOver: false, over: new Promise<void>(() => {}) };
  await waitBriefly([open], signal);
  await waitBriefly([], signal);
});
