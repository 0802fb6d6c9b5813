/**
 * Jobs that move to hosts, from host to host, and back, while controllers are killed.
 *
 * @module
 */

import { findJob } from "../../lib/job_dir/find.ts";
import { until } from "../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { assertResults, cli, enterFolder, readLines } from "../support/jobs.ts";
import {
  engines,
  killEach,
  killed,
  start,
  untilDone,
  untilMoved,
  writeList,
} from "../support/moves.ts";
import { skipped, theHosts, useHosts, whyNot } from "../support/ssh_hosts.ts";

const LIMIT_MS = 60_000;

// On a host, a task records that it ran, waits while the file `hold` exists, and fails if `fails` does.
const WORK = `
const exists = (path) => { try { Deno.statSync(path); return true; } catch { return false; } };
export async function task(x) {
  if (exists("/var/tmp/host")) Deno.writeTextFileSync("/var/tmp/ran", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  while (exists("/var/tmp/hold")) await new Promise((resolve) => setTimeout(resolve, 20));
  if (exists("/var/tmp/fails")) throw new Error("no");
  return x + 1;
}
`;

useHosts({ count: 2 });

/** Registers a test of a job whose tasks all succeed at last. */
function test(claim: string, tasks: number, fn: () => Promise<void>): void {
  testInFolder(claim, tasks, async () => {
    await fn();
    assertResults(findJob(), Array.from({ length: tasks }, (_, i) => i + 1));
  });
}

/** Registers a test in a folder with a list. */
function testInFolder(claim: string, tasks: number, fn: () => Promise<void>): void {
  Deno.test({
    name: `ssh: ${claim}${skipped}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using _folder = await enterFolder({ "work.js": WORK });
      await writeList(tasks);
      await fn();
      for (const name of theHosts().names) assertClean(name);
    },
  });
}

/** Fails unless a host has no file of the job. */
function assertClean(name: string): void {
  assertEquals(theHosts().run(name, "ls -A .cache/dl_jobs/jobs 2>/dev/null || :"), "", name);
}

function on(hosts: string): string[] {
  const command = `command=ssh -F ${theHosts().config}`;
  return ["--engine", "ssh", "--ssh", `hosts=${hosts}`, "--ssh", command];
}

test("a job moves from local to hosts and back, and each controller is killed", 2000, async () => {
  await killEach(
    [["map", "work.js#task", "list.ndjson", "-j2", "--concurrency", "4"], () => untilDone(300)],
    [["resume", ...on("h1*2,h2*2")], () => untilDone(800)],
    [["resume", "--engine", "local"], untilMoved],
  );
  assertEquals(engines(), ["local", "ssh", "local"]);
});

test("running tasks finish on the host that a job leaves, and no others begin", 40, async () => {
  const hosts = theHosts();
  const ran = (name: string) => readLines(`${hosts.root(name)}/var/tmp/ran`);
  for (const name of hosts.names) hosts.run(name, "touch /var/tmp/host /var/tmp/hold");
  const first = await start("map", "work.js#task", "list.ndjson", ...on("h1*2"));
  await until(() => ran("h1").length === 2, "two tasks run", LIMIT_MS);
  await killed(first);
  hosts.run("h2", "rm /var/tmp/hold");
  const second = await start("resume", ...on("h2*2"));
  const orders = () => hosts.run("h1", "ls .cache/dl_jobs/jobs/*");
  await until(() => orders().includes("stop"), "the host begins no more tasks", LIMIT_MS);
  hosts.run("h1", "rm /var/tmp/hold");
  const { code, stderr } = await second.end;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Collecting the tasks that ssh has; --now gives them up$/m);
  assertEquals([ran("h1").length, ran("h2").length], [2, 38]);
  for (const name of hosts.names) hosts.run(name, "rm /var/tmp/host");
});

testInFolder("a job that halts while its tasks are taken back does not move", 40, async () => {
  const hosts = theHosts(), isBegun = () => hosts.run("h1", "ls /var/tmp").includes("ran");
  hosts.run("h1", "touch /var/tmp/host /var/tmp/hold /var/tmp/fails; rm -f /var/tmp/ran");
  const first = await start("map", "work.js#task", "list.ndjson", "--halt", "2", ...on("h1*2"));
  await until(isBegun, "a task runs", LIMIT_MS);
  await killed(first);
  const second = await start("resume", "--engine", "local");
  const orders = () => hosts.run("h1", "ls .cache/dl_jobs/jobs/*");
  await until(() => orders().includes("stop"), "the host begins no more tasks", LIMIT_MS);
  hosts.run("h1", "rm /var/tmp/hold");
  const { code, stderr } = await second.end;
  assertEquals([code, engines()], [1, []], stderr);
  assertMatch(stderr, /^2 tasks have failed: no more tasks are started$/m);
  hosts.run("h1", "rm /var/tmp/host /var/tmp/fails");
});

test("--now ends the tasks on the hosts", 40, async () => {
  const hosts = theHosts();
  for (const name of hosts.names) hosts.run(name, "touch /var/tmp/hold");
  const first = await start("map", "work.js#task", "list.ndjson", ...on("h1*2,h2*2"));
  await until(() => hosts.names.every(isBusy), "the hosts have tasks", LIMIT_MS);
  const { code, stderr } = await cli(["resume", "--engine", "local", "--now"]);
  assertEquals(code, 0, stderr);
  await first.end;
  await until(() => !hosts.names.some(isBusy), "the hosts run nothing", LIMIT_MS);
});

function isBusy(name: string): boolean {
  return theHosts().processes(name).length > 0;
}
