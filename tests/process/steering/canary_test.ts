/**
 * Canaries: tasks that run first, the plan and the question after them, and the rest.
 *
 * @module
 */

import { findJob, listJobs } from "../../../lib/job_dir/find.ts";
import { holderOf } from "../../../lib/job_dir/lock.ts";
import { readRecord } from "../../../lib/job_dir/record.ts";
import { readState } from "../../../lib/job_dir/state.ts";
import type { CanaryPlan } from "../../../lib/job/canary/canary.ts";
import { JobBook } from "../../../lib/web/jobs.ts";
import { until } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { assertResults, cli, enterFolder, readEvents, runJob } from "../../support/jobs.ts";
import { killed, start, writeList } from "../../support/moves.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";
import { noTerminal, Terminal } from "../../support/terminal.ts";

const CLI = new URL("../../../cli.ts", import.meta.url).href;
const WORK = `
export const same = (x) => x;
export const odd = (x) => { if (x % 2 === 1) throw new Error("odd " + x); return x; };
export const fails = () => { throw new Error("HTTP 404"); };
`;

/** Returns the ids of the tasks that have ended, in the order of their ends. */
function ended(): number[] {
  return readEvents(findJob()).filter(({ type }) => type === "succeeded" || type === "failed")
    .map(({ id }) => id);
}

/** Returns the lines of the plan without its times. */
function planOf(stderr: string): string[] {
  const lines = stderr.split("\n"), from = lines.findIndex((line) => line.startsWith("Canary"));
  const rest = lines.findIndex((line) => line.startsWith("  rest"));
  return lines.slice(from, rest + 1).map((line) => line.replace(/(about|under|longest) .*/, "$1"));
}

Deno.test("--canary runs tasks that are spread over the list first, and their results count", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await writeList(100);
  const flags = ["--canary", "4", "--yes", "--ordered", "-j1"];
  const { code, stdout, stderr } = await cli(["map", "work.js#same", "list.ndjson", ...flags]);
  assertEquals([code, stdout], [0, Array.from({ length: 100 }, (_, i) => `${i}\n`).join("")]);
  assertEquals(planOf(stderr), [
    "Canary of 4 of 100 tasks: 4 succeeded",
    "  times   half under",
    "  rest    96 tasks in about",
  ]);
  assertEquals(ended().slice(0, 4).toSorted((a, b) => a - b), [12, 37, 62, 87]);
  assertResults(findJob(), Array.from({ length: 100 }, (_, i) => i));
});

Deno.test("a canary whose tasks all fail never begins the rest by itself", async (t) => {
  for (const flags of [["--yes"], ["--max-hours", "1000"]]) {
    await t.step(flags[0]!, async () => {
      await using _folder = await enterFolder({ "work.js": WORK });
      await writeList(50);
      const said = await cli(["map", "work.js#fails", "list.ndjson", "--canary", "3", ...flags]);
      assertEquals([said.code, said.stdout], [1, ""]);
      assertMatch(
        said.stderr,
        /\nStopped after the canary: all 3 tasks failed\n0 of 50 succeeded, /,
      );
      assertMatch(
        said.stderr,
        /3 failed, 47 canceled, .*\n {2}failed {2}3 tasks, such as .*HTTP 404/,
      );
      assertEquals(ended().length, 3);
      assertEquals(readRecord(findJob()).state, "canceled");
    });
  }
});

Deno.test("--max-hours decides by the time of the rest, and resume runs it", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await writeList(1000);
  // At this rate, the rest takes more than the limit, however fast the tasks are.
  const flags = ["-j1", "--canary", "2", "--rate", "1/s burst 9", "--max-hours", "0.2"];
  const said = await cli(["map", "work.js#odd", "list.ndjson", ...flags]);
  assertEquals([said.code, said.stdout], [1, "250\n750\n"]);
  assertMatch(said.stderr, /rest {4}998 tasks in about 16 min 38 s, /);
  assertMatch(
    said.stderr,
    /\nStopped after the canary: the rest would take more than --max-hours\n/,
  );
  const rest = await cli(["resume", "--rate", "none", "-q"]);
  assertEquals([rest.code, rest.stdout.trim().split("\n").length], [1, 498]);
  const { counts } = readRecord(findJob());
  assertEquals(counts, { total: 1000, succeeded: 500, failed: 500 });
});

Deno.test("a canary that no user can answer, or without a question, is refused before the start", async (t) => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await writeList(5);
  const cases: [flags: string[], message: string][] = [
    [
      ["--canary", "2"],
      "Cannot ask after the canary: stdin or stderr is not a terminal, write --yes or --max-hours 3",
    ],
    [["--yes"], "Cannot use --yes without --canary: there is no question"],
    [["--max-hours", "3"], "Cannot use --max-hours without --canary: there is no question"],
    [
      ["--canary", "2", "--yes", "--max-hours", "3"],
      "Cannot use --yes and --max-hours: write one of them",
    ],
  ];
  for (const [flags, message] of cases) {
    await t.step(flags.join(" "), async () => {
      const said = await cli(["map", "work.js#same", "list.ndjson", ...flags]);
      assertEquals(said, { code: 2, stdout: "", stderr: `Error: ${message}\n` });
      assertEquals(listJobs(), []);
    });
  }
});

Deno.test("a list of stdin is read to its end first, and a longer canary is the whole job", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const input = Array.from({ length: 10 }, (_, i) => `${i}\n`).join("");
  const args = ["map", "work.js#same", "-", "-j1", "--yes", "--canary"];
  const spread = await cli([...args, "2"], { input });
  assertEquals([spread.code, ended().slice(0, 2)], [0, [2, 7]], spread.stderr);
  const whole = await cli([...args, "10"], { input });
  assertEquals([whole.code, whole.stdout, planOf(whole.stderr)], [0, input, []]);
});

Deno.test("results of earlier jobs are not part of a canary, which waits for retries", async () => {
  const once = `export const once = (x) => {
    if (x % 2 === 1 && !Deno.readDirSync(".").some(({ name }) => name === "tried" + x)) {
      Deno.writeTextFileSync("tried" + x, "");
      throw new Error("again");
    }
    return x;
  };`;
  await using _folder = await enterFolder({ "work.js": once });
  const task = {
    moduleName: "work.js",
    methodName: "once",
    maxAttempts: 2,
    backoff: 1,
    workers: 1,
  };
  await runJob({ ...task, argsList: [0, 1, 2, 3] });
  const plans: CanaryPlan[] = [], argsList = Array.from({ length: 10 }, (_, i) => i);
  const confirm = (plan: CanaryPlan) => plans.push(plan) > 0;
  const { succeeded, reused } = await runJob({ ...task, argsList, reuse: true }, {
    canary: { tasks: 3, confirm },
  });
  assertEquals([succeeded, reused], [10, 4]);
  const [{ tasks, failed, rest } = {}] = plans;
  assertEquals([tasks, failed, rest, plans.length], [3, 0, 3, 1]);
  assertEquals(ended().slice(4, 7).toSorted(), [5, 7, 9]);
});

Deno.test("a canary in code decides by its plan, and an error of it ends the run", async () => {
  await using _folder = await enterFolder({ "work.js": WORK });
  const task = { moduleName: "work.js", methodName: "odd", argsList: 20, workers: 2 };
  const plans: CanaryPlan[] = [];
  const { id, canceled, next } = await runJob(task, {
    canary: { tasks: 4, confirm: (plan) => plans.push(plan) < 0 },
  });
  const [{ times, restMs, usage, fits, ...facts } = {} as CanaryPlan] = plans;
  assertEquals([typeof times?.p95, typeof restMs], ["number", "number"]);
  // The usage of longer tasks is measured.
  if (times!.longest < 100) assertEquals([usage, fits], [undefined, undefined]);
  const commonErrors = facts.commonErrors.map(({ count }) => ({ count }));
  assertEquals({ ...facts, commonErrors }, {
    ...{ tasks: 4, failed: 2, rest: 16, parallel: 2 },
    commonErrors: [{ count: 2 }],
  });
  assertEquals([canceled, next, readRecord(findJob(id)).state], [
    16,
    `dl_jobs resume ${id}`,
    "canceled",
  ]);
  const confirm = () => Promise.reject(new Error("no answer"));
  await assertRejects(() => runJob(task, { canary: { tasks: 4, confirm } }), Error, "no answer");
});

Deno.test("a dry run tells the tasks of the canary", async (t) => {
  await using _folder = await enterFolder({ "work.js": WORK });
  await writeList(10);
  const cases: [args: string[], text: string][] = [
    [["list.ndjson", "--canary", "2"], "2 tasks, spread over the list, would run before the rest"],
    [
      ["--grid", "x=0..9", "--canary", "2"],
      "2 of 10 tasks, spread over the list, would run before the rest: 2, 7",
    ],
    [
      ["--grid", "x=0..99", "--canary", "30"],
      "30 of 100 tasks, spread over the list, would run before the rest",
    ],
    [
      ["--grid", "x=0..9", "--canary", "10"],
      "the whole list, no other task is left for later",
    ],
  ];
  for (const [args, text] of cases) {
    await t.step(args.join(" "), async () => {
      const said = await cli(["map", "work.js#same", ...args, "--dry-run"]);
      assertEquals([said.code, said.stderr.split("\n")[1]], [0, `Canary: ${text}`], said.stderr);
      assertEquals(listJobs(), []);
    });
  }
});

const noPython = await whyNoProgram("python3");

Deno.test({
  name: `a canary runs with each kind of function and engine of this machine${
    skipSuffix(noPython)
  }`,
  ignore: noPython !== undefined,
  async fn(t) {
    await using _folder = await enterFolder({
      "work.js": WORK,
      "twice.py": "def twice(x):\n    return x\n",
    });
    await writeList(10);
    const cases = [["work.js#same"], ["twice.py#twice"], [
      "--command",
      "echo {}",
      "--stdout",
      "json",
    ]];
    for (const named of cases) {
      for (const engine of ["local", "inline"]) {
        await t.step(`${named[0]} on ${engine}`, async () => {
          const flags = ["--engine", engine, "--canary", "2", "--yes", "--ordered"];
          const { code, stdout, stderr } = await cli(["map", ...named, "list.ndjson", ...flags]);
          assertEquals([code, stdout], [0, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"], stderr);
          assertEquals(ended().slice(0, 2).toSorted(), [2, 7]);
        });
      }
    }
  },
});

const LIMIT_MS = 60_000;

Deno.test({
  name: `the question after a canary${skipSuffix(noTerminal)}`,
  ignore: noTerminal !== undefined,
  async fn(t) {
    const ask = async (keys: string) => {
      const folder = await enterFolder({ "work.js": WORK });
      await writeList(20);
      const args = ["map", "work.js#same", "list.ndjson", "-o", "out.ndjson", "--canary", "2"];
      const terminal = new Terminal(Deno.execPath(), ["run", "-A", "--no-check", CLI, ...args], {
        NO_COLOR: "1",
        DENO_NO_UPDATE_CHECK: "1",
      });
      await terminal.until(/Run the rest: 18 tasks in about .*, \d+ at a time\? \[y\/N\] $/);
      await terminal.press(keys);
      return { folder, terminal };
    };
    await t.step("yes", async () => {
      const { folder, terminal } = await ask("y\n");
      await using _folder = folder;
      await using _terminal = terminal;
      assertEquals([await terminal.end(), ended().length], [0, 20]);
      assertEquals(readRecord(findJob()).asked, undefined);
    });
    await t.step(
      "status, jobs and the page tell that the job waits, until it is killed",
      async () => {
        const { folder, terminal } = await ask("");
        await using _folder = folder;
        await using _terminal = terminal;
        const text = "running, waiting for an answer after the canary";
        const status = await cli(["status"]);
        assert(status.stdout.includes(`state    ${text}\n`), status.stdout);
        assertEquals(JSON.parse((await cli(["status", "--json"])).stdout).waits, "asks");
        assert((await cli(["jobs"])).stdout.includes(` ${text} `));
        assertEquals(new JobBook(Deno.cwd()).rows().map(({ waits }) => waits), ["asks"]);
        const { holder } = readState(findJob(), readRecord(findJob()));
        Deno.kill(holder!.pid, "SIGKILL");
        await until(() => holderOf(findJob()) === undefined, "the process has ended", LIMIT_MS);
        assertMatch((await cli(["status"])).stdout, /^state +interrupted$/m);
        assertEquals(new JobBook(Deno.cwd()).rows().map(({ waits }) => waits), [undefined]);
      },
    );
    await t.step("no", async () => {
      const { folder, terminal } = await ask("\n");
      await using _folder = folder;
      await using _terminal = terminal;
      assertEquals([await terminal.end(), ended().toSorted((a, b) => a - b)], [1, [5, 15]]);
    });
    await t.step("Ctrl-C leaves a job that resume finishes", async () => {
      const { folder, terminal } = await ask("\x03");
      await using _folder = folder;
      await using _terminal = terminal;
      assertEquals([await terminal.end(), ended().length], [130, 2]);
      const { code, stderr } = await cli(["resume"]);
      assertEquals([code, ended().length], [0, 20], stderr);
    });
  },
});

Deno.test("a controller that is killed during a canary leaves a job that resume finishes", async () => {
  const held = `export const held = async (x) => {
    while (!Deno.readDirSync(".").some(({ name }) => name === "go")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return x;
  };`;
  await using _folder = await enterFolder({ "work.js": held });
  await writeList(30);
  const flags = ["--canary", "3", "--yes", "-j1"];
  const job = await start("map", "work.js#held", "list.ndjson", ...flags);
  const isRead = () => listJobs().length > 0 && readRecord(findJob()).isRead === true;
  await until(isRead, "the list is read", LIMIT_MS);
  await killed(job);
  await Deno.writeTextFile("go", "");
  const { code, stderr } = await cli(["resume"]);
  assertEquals(code, 0, stderr);
  assertResults(findJob(), Array.from({ length: 30 }, (_, i) => i));
});
