/**
 * The explanation of a task at its time limit, and `dl_jobs stack`.
 *
 * @module
 */

import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { command, dlJobs, makeProject } from "./cli/commands.ts";

const HANGS = `
export async function loop(x: number) {
  await 0;
  return spin(x);
}
function spin(x: number) {
  for (;;) x = (x * 31 + 1) % 1000003;
}
export async function never(x: number) {
  console.log("reading", x);
  await new Promise(() => setInterval(() => {}, 1e6));
}
`;
const PYTHON = `
import collections, itertools, os, time

def sleep(x):
    time.sleep(1000)

def tell(x):
    for i in range(12000):
        os.write(2, b"<%d>" % i)
        time.sleep(0.0001)
    time.sleep(1000)

def native(x):
    collections.deque(itertools.repeat(x), maxlen=0)
`;

const LIMIT = ["--timeout", "1s", "--grace", "1s", "-q"];

const CASES: readonly (readonly [name: string, args: readonly string[], stack: RegExp])[] = [
  [
    "an endless loop",
    ["hangs.ts#loop", "--inspectable"],
    /^It was computing\n +at spin \(file:.*hangs\.ts:7:\d+\)\n +at loop/,
  ],
  [
    "an endless loop without a debugger",
    ["hangs.ts#loop"],
    /^It was computing\nIts stack is known with --inspectable$/,
  ],
  [
    "an await that never settles",
    ["hangs.ts#never"],
    /^It was waiting, such as at an await: for [\d.]+ m?s without using the CPU\nIts last output, [\d.]+ m?s before: reading 7$/,
  ],
  [
    "time.sleep in Python",
    ["hangs.py#sleep"],
    /^It was waiting: for .*\nTraceback \(most recent call first\):\n {2}File ".*hangs\.py", line 5 in sleep\n/,
  ],
  [
    "native code in Python",
    ["hangs.py#native"],
    /^It was computing\nTraceback \(most recent call first\):\n {2}File ".*hangs\.py", line 14 in native$/,
  ],
  [
    "a program",
    ["--command", "sh -c 'sleep 1000; exit {}'"],
    /^It was waiting: for .*\nIts processes:\n {2}\S*sh -c sleep 1000; exit 7 \(pid \d+\): sleeping.*\n {4}sleep 1000 \(pid \d+\): sleeping/,
  ],
];

Deno.test("a task that exceeds its time limit fails with what it did", async (t) => {
  await using folder = await makeProject({ "hangs.ts": HANGS, "hangs.py": PYTHON });
  const cwd = folder.path;
  for (const [name, args, stack] of CASES) {
    await t.step(name, async () => {
      await dlJobs(["map", ...args, "-", ...LIMIT], { cwd, stdin: "7\n" });
      const { groups: [group] } = JSON.parse((await dlJobs("errors --json", { cwd })).out);
      assertMatch(group.message, /^it ran longer than the timeout of 1 s( and was killed)?$/);
      assertMatch(group.examples[0].stack, stack);
      // The traceback is not output of the task.
      const logs = (await dlJobs("logs", { cwd })).out;
      assertMatch(logs, name.startsWith("an await") ? /^CLOCK 0: reading 7\n$/ : /^$/);
    });
  }
});

Deno.test("a stack is read without the proxy of the environment", async () => {
  await using folder = await makeProject({ "hangs.ts": HANGS });
  const cwd = folder.path, env = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "example.com" };
  await dlJobs(["map", "hangs.ts#loop", "-", "--inspectable", ...LIMIT], {
    cwd,
    env,
    stdin: "7\n",
  });
  const { groups: [group] } = JSON.parse((await dlJobs("errors --json", { cwd })).out);
  assertMatch(group.examples[0].stack, /^It was computing\n +at spin /);
});

Deno.test("the output of tasks is complete around their tracebacks", async () => {
  await using folder = await makeProject({ "hangs.py": PYTHON });
  const cwd = folder.path, args = ["map", "hangs.py#tell", "-", ...LIMIT, "--concurrency", "3"];
  await dlJobs(args, { cwd, stdin: "1\n2\n3\n" });
  const { groups: [group] } = JSON.parse((await dlJobs("errors --json", { cwd })).out);
  for (const { stack } of group.examples) assertMatch(stack, /in tell\n/);
  const counts: number[] = [];
  for (const [, i] of (await dlJobs("logs", { cwd })).out.matchAll(/<(\d+)>/g)) {
    counts[Number(i)] = (counts[Number(i)] ?? 0) + 1;
  }
  // The tasks end at different times.
  assertEquals(counts, counts.toSorted().reverse());
  assertEquals(counts[0], 3);
});

Deno.test("dl_jobs stack shows what running tasks do", async () => {
  await using folder = await makeProject({ "hangs.ts": HANGS });
  const cwd = folder.path;
  const args = ["map", "hangs.ts#loop", "-", "--inspectable", "-q", "--grace", "0"];
  const job = command(args, { cwd }, "piped");
  const writer = job.stdin.getWriter();
  await writer.write(new TextEncoder().encode("7\n"));
  await writer.close();
  const text = await until(async () => {
    const { out, code } = await dlJobs("stack last 0", { cwd });
    return code === 0 && out.includes("spin") && out;
  }, "the task runs");
  assertMatch(
    text,
    /^task 0 for (?:\d+ min )?[\d.]+ m?s, on 0 \(pid \d+\)\n {2}It was computing\n +at spin \(/,
  );
  const { err } = await dlJobs("stack last 3", { cwd });
  assertMatch(err, /^Job \S+ does not run task 3 now\n$/);
  await dlJobs("cancel", { cwd });
  await job.status;
  const ended = await dlJobs("stack", { cwd });
  assertEquals(ended.code, 2);
  assertMatch(ended.err, /^Error: Cannot read the stacks of job \S+: no process runs it, /);
});

Deno.test("dl_jobs stack tells at once when an engine knows no stacks", async () => {
  await using folder = await makeProject({ "hangs.ts": HANGS });
  const cwd = folder.path;
  const args = ["map", "hangs.ts#never", ":::", "7", "--engine", "inline", "-q", "--grace", "0"];
  const job = command(args, { cwd }, "null");
  const { err, code } = await until(async () => {
    const ended = await dlJobs("stack", { cwd });
    return !/Cannot find a job|no process runs it/.test(ended.err) && ended;
  }, "the job runs");
  assertEquals(code, 2);
  assertMatch(
    err,
    /^Error: Cannot read the stacks of job \S+: the engine inline does not know them, /,
  );
  await dlJobs("cancel", { cwd });
  await job.status;
});

Deno.test("code from the network never accepts a debugger", async () => {
  await using folder = await makeProject();
  const args = "map data:text/javascript,export%20default%20(x)=>x - --inspectable";
  const { err, code } = await dlJobs(args, { cwd: folder.path, stdin: "1\n" });
  assertEquals(code, 2);
  assertMatch(
    err,
    /^Error: Cannot use --inspectable with data:.*: code from the network never accepts/,
  );
});
