/**
 * Jobs that change while they run: from another terminal, and after the death of their process.
 *
 * @module
 */

import { steerJob } from "../../../lib/job/steer/steer.ts";
import { findJob, listJobs } from "../../../lib/job_dir/find.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, enterFolder, eventLines, readLines } from "../../support/jobs.ts";
import { killed, start, type Started, writeList } from "../../support/moves.ts";

const LIMIT_MS = 60_000;

// Each task records that it began, and waits for the file `go` or that of its own.
const HELD = `
export async function held(x) {
  Deno.writeTextFileSync("began", x + "\\n", { append: true });
  const isFree = ({ name }) => name === "go" || name === "go" + x;
  while (!Deno.readDirSync(".").some(isFree)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return x;
}
export const fails = async (x) => {
  await held(x);
  throw new Error("no");
};
`;

/** Starts a job with one worker, and waits until its first task runs. */
async function startHeld(method: string, ...flags: string[]): Promise<Started> {
  const job = await start("map", `work.js#${method}`, "list.ndjson", "-j1", ...flags);
  await untilBegan(1);
  return job;
}

async function untilBegan(count: number): Promise<void> {
  const isSo = () => listJobs().length > 0 && readLines("began").length >= count;
  await until(isSo, `${count} tasks have begun`, LIMIT_MS);
}

/** Returns the changes in the journal of the only job. */
function changes(): unknown[] {
  const lines = eventLines(findJob()).map((line) => JSON.parse(line));
  return lines.filter(({ type }) => type === "control")
    .map(({ set, isPaused }) => set ?? { isPaused });
}

Deno.test("a running job gets more workers, then fewer", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(8);
  const job = await startHeld("held", "-j", "1%");
  const three = `${Math.ceil(300 / navigator.hardwareConcurrency)}%`;
  const { code, stderr } = await cli(["set", `workers=${three}`]);
  assertEquals([code, stderr], [0, `Job ${readRecord(findJob()).id}: Changed workers=${three}\n`]);
  await untilBegan(3);
  const answer = JSON.parse((await cli(["set", "last", "workers=1", "--json"])).stdout);
  assertEquals(answer, {
    ...{ schema_version: 1, ok: true },
    id: readRecord(findJob()).id,
    isApplied: true,
    text: "Changed workers=1",
    notes: [],
  });
  for (const id of [0, 1, 2]) await folder.write(`go${id}`, "");
  await untilBegan(4);
  // The next task begins only when the fourth has ended, so one worker is left.
  await cli(["status"]);
  assertEquals(readLines("began").length, 4);
  await folder.write("go", "");
  assertEquals((await job.end).code, 0);
  assertEquals(changes(), [{ workers: three }, { workers: 1 }]);
  assertEquals(readRecord(findJob()).options.workers, 1);
});

Deno.test("a job leaves out changes that it cannot apply", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(1);
  const job = await startHeld("held");
  const control = `${findJob()}/control.ndjson`;
  for (const set of [{ retry: { eror: "3" } }, { workers: "2" }, { engine: "slurm" }, 7]) {
    const line = JSON.stringify({ at: new Date().toISOString(), set });
    await Deno.writeTextFile(control, line + "\n", { append: true });
  }
  assertEquals((await cli(["set", "workers=3"])).code, 0);
  await folder.write("go", "");
  const { code, stderr } = await job.end;
  assertEquals([code, changes()], [0, [{ workers: 3 }]]);
  assertMatch(stderr, /^Left out a change of control\.ndjson: Cannot retry after "eror"/m);
  assertMatch(stderr, /^Left out .*: Cannot set workers to "2" while a job runs$/m);
});

Deno.test("a flag of resume holds against a change that was asked for before", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(2);
  await killed(await startHeld("held"));
  await folder.write("go", "");
  await cli(["set", "timeout=5m", "max_attempts=2"]);
  assertEquals((await cli(["resume", "--timeout", "10m"])).code, 0);
  const { timeout, maxAttempts } = readRecord(findJob()).options;
  assertEquals([timeout, maxAttempts], [600_000, 2]);
});

Deno.test("a time limit reaches tasks that run", async () => {
  await using _folder = await enterFolder({ "work.js": HELD });
  await writeList(1);
  const job = await startHeld("held");
  await cli(["set", "timeout=0.2s"]);
  const { code, stderr } = await job.end;
  assertEquals(code, 1);
  assertMatch(stderr, /it ran longer than the timeout of 0\.2 s/);
});

Deno.test("a pause survives the death of the process and a resume", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(5);
  const job = await startHeld("held");
  assertMatch((await cli(["pause"])).stderr, /Paused: running tasks may finish/);
  await folder.write("go", "");
  const isFirstDone = () => eventLines(findJob()).some((line) => line.startsWith('{"id":0'));
  await until(isFirstDone, "the first task has ended", LIMIT_MS);
  assertMatch((await cli(["status"])).stdout, /state +running, paused: dl_jobs continue \S+/);
  await killed(job);
  // Without a process, the change waits for the next one.
  assertMatch(
    (await cli(["set", "max-attempts=2"])).stderr,
    /no process runs job \S+: dl_jobs resume/,
  );
  const next = await start("resume");
  await until(() => readRecord(findJob()).options.maxAttempts === 2, "it has changed", LIMIT_MS);
  assertEquals(readLines("began"), ["0"]);
  const { isApplied } = await steerJob(findJob(), { isPaused: false });
  assertEquals(isApplied, true);
  const { code, stderr } = await next.end;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^The job is paused: dl_jobs continue \S+ lets more tasks begin$/m);
  assertEquals(readLines("began"), ["0", "1", "2", "3", "4"]);
  assertEquals(changes(), [{ isPaused: true }, { maxAttempts: 2 }, { isPaused: false }]);
  assertEquals(readRecord(findJob()).isPaused, undefined);
});

Deno.test("a pause ends with the job, and does not hold back a retry", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(1);
  const job = await startHeld("fails");
  await cli(["pause"]);
  await folder.write("go", "");
  assertEquals((await job.end).code, 1);
  assertMatch((await cli(["status"])).stdout, /state +failed\n/);
  assertEquals(readRecord(findJob()).isPaused, undefined);
  const retry = await cli(["retry"]);
  assertEquals([retry.code, /paused/.test(retry.stderr)], [1, false]);
  assertEquals(readLines("began"), ["0", "0"]);
});

Deno.test("rules for failures change, and a job halts by its new limit", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(9);
  const job = await startHeld("fails", "--backoff", "0.01");
  await cli(["set", "halt=2", "max_attempts=2"]);
  await folder.write("go", "");
  const { code, stderr } = await job.end;
  assertEquals(code, 1);
  assertMatch(stderr, /\d tasks have failed: no more tasks are started/);
  assertEquals(changes(), [{ halt: "2", maxAttempts: 2 }]);
  const types = eventLines(findJob()).map((line) => JSON.parse(line).type);
  assert(types.includes("retried"), types.join());
});

Deno.test("the engine inline pauses between two tasks", async () => {
  await using folder = await enterFolder({ "work.js": HELD });
  await writeList(3);
  const job = await startHeld("held", "--engine", "inline");
  await cli(["pause"]);
  await folder.write("go", "");
  const isFirstDone = () => eventLines(findJob()).some((line) => line.startsWith('{"id":0'));
  await until(isFirstDone, "the first task has ended", LIMIT_MS);
  assertEquals(readLines("began"), ["0"]);
  await cli(["continue"]);
  assertEquals((await job.end).code, 0);
});

/** Changes that are refused, with their reasons. */
const REFUSED: readonly (readonly [words: readonly string[], reason: RegExp])[] = [
  [["set"], /^Error: Cannot set options: write NAME=VALUE, such as workers=8\n$/],
  [["set", "worker=2"], /^Error: Cannot set worker: did you mean workers\?\n$/],
  [
    ["set", "workers=0"],
    /^Error: Cannot use "0" as workers \(set workers\): write a percentage of/,
  ],
  [["set", "halt=-1"], /^Error: Cannot halt after "-1"/],
  [
    ["set", "engine=ssh"],
    /^Error: Cannot set engine: .*, others with dl_jobs resume \S+ --engine ssh\n$/,
  ],
  // The name is also like "rate".
  [
    ["set", "grace=1s"],
    /^Error: Cannot set grace: .*, others with dl_jobs resume \S+ --grace 1s\n$/,
  ],
  [["pause", "a", "b"], /^Error: Cannot use "b": the command accepts one job/],
  [["pause"], /^Error: Cannot change job \S+: all of its tasks have ended\n$/],
];

Deno.test("a change that cannot be applied is refused", async (t) => {
  await using _folder = await enterFolder({ "work.js": "export const same = (x) => x;" });
  await writeList(1);
  await cli(["map", "work.js#same", "list.ndjson"]);
  for (const [words, reason] of REFUSED) {
    await t.step(words.join(" "), async () => {
      const { code, stderr } = await cli(words);
      assertEquals(code, 2);
      assertMatch(stderr, reason);
    });
  }
  assertEquals(readLines(`${findJob()}/control.ndjson`), []);
});

Deno.test("retry and resume run the rest with other options", async () => {
  await using _folder = await enterFolder({
    "work.js": "export const late = (x) => new Promise((r) => setTimeout(() => r(x), 300));",
  });
  await writeList(2);
  await cli(["map", "work.js#late", "list.ndjson", "--timeout", "50ms", "--halt", "9"]);
  const flags = ["--timeout", "none", "--halt", "none", "--max-attempts", "3", "--retry", "oom=x2"];
  const { code, stderr } = await cli(["retry", ...flags, "--memory", "900MB", "--workers", "1"]);
  assertEquals(code, 0, stderr);
  const { timeout, halt, maxAttempts, retry, memory, workers } = readRecord(findJob()).options;
  assertEquals([timeout, halt, maxAttempts, retry, memory, workers], [
    ...[null, null, 3, { oom: "x2" }, 900_000_000, 1],
  ]);
  const refused = await cli(["retry", "--timeout", "x"]);
  assertMatch(refused.stderr, /^Error: Cannot use "x" as timeout \(--timeout\): write seconds/);
});
