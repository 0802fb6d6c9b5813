/**
 * Jobs that move between this machine and a platform, while controllers are killed.
 *
 * @module
 */

import { until } from "../../../tools/support/until.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { cli, readLines } from "../../support/jobs.ts";
import { engines, killEach, start, untilDone, untilMoved, writeList } from "../../support/moves.ts";
import { assertWhole, begin, LIMIT_MS, POLL, test } from "../compute/failures/jobs.ts";

const COMPUTE = ["--engine", "compute", "--compute", POLL] as const;

test("a job moves from local to the platform and back, and each controller is killed", async () => {
  await writeList(60);
  await killEach(
    [["map", "work.ts#slow", "list.ndjson", "-j2", "--chunk", "5"], () => untilDone(20)],
    [["resume", ...COMPUTE, "--workers", "2"], () => untilDone(40)],
    // The running platform jobs have at most ten tasks.
    [["resume", "--engine", "local"], untilMoved],
  );
  await assertWhole(60);
  assertEquals(engines(), ["local", "compute", "local"]);
  const { stdout } = await cli(["status"]);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+`;
  const moved = ["local", "compute", "local"].map((engine) => `${engine} since ${time}`).join(", ");
  assertMatch(stdout, new RegExp(`^moved +${moved}$`, "m"));
});

test("running tasks finish on the engine that the job leaves", async ({ server, path }) => {
  const controller = await begin(20, "held");
  // Each of the two jobs that run has a worker.
  await until(() => readLines("ran").length === 2, "two platform jobs run", LIMIT_MS);
  controller.process.kill("SIGKILL");
  await controller.end;
  await Deno.writeTextFile("work.ts", "// changed\n", { append: true });
  const moving = await start("resume", "--engine", "local");
  const states = () => server.jobs.values().map(({ wire }) => wire.status).toArray().sort();
  const expected = ["canceled", "canceled", "running", "running"];
  const isSo = () => states().join() === expected.join();
  await until(isSo, () => `waiting jobs are canceled, but: ${states()}`, LIMIT_MS);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await moving.end;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Collecting the tasks that compute has; --now gives them up$/m);
  assertEquals(stderr.match(/^resume runs the code of the job: work\.ts changed/gm)?.length, 1);
  await assertWhole(20);
  assertEquals(readLines("ran").length, 20);
  assertEquals(server.jobs.size, 0);
});

test("--now ends the tasks that run on the engine that the job leaves", async ({ server, path }) => {
  const controller = await begin(20, "held");
  await until(() => readLines("ran").length === 2, "two platform jobs run", LIMIT_MS);
  const moving = await start("resume", "--engine", "local", "--now");
  assertEquals((await controller.end).code !== 0, true);
  const isOver = () => server.jobs.values().every(({ wire }) => wire.status === "canceled");
  await until(isOver, "all platform jobs are canceled", LIMIT_MS);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await moving.end;
  assertEquals(code, 0, stderr);
  await assertWhole(20);
});

test("--now ends the process of a job whose platform cannot be reached", async ({ path }) => {
  const controller = await begin(20, "held");
  await until(() => readLines("ran").length === 2, "two platform jobs run", LIMIT_MS);
  const gone = { env: { EARTHONE_CLIENT_ID: "", EARTHONE_CLIENT_SECRET: "" } };
  const moving = cli(["resume", "--engine", "local", "--now"], gone);
  await controller.end;
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await moving;
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Warning: tasks on compute may still run, but their results are not used/m);
  await assertWhole(20);
});

test("a job leaves a platform whose credentials are gone with --now only", async ({ path }) => {
  const controller = await begin(20, "held");
  await until(() => readLines("ran").length === 2, "two platform jobs run", LIMIT_MS);
  controller.process.kill("SIGKILL");
  await controller.end;
  const gone = { env: { EARTHONE_CLIENT_ID: "", EARTHONE_CLIENT_SECRET: "" } };
  const refused = await cli(["resume", "--engine", "local"], gone);
  assertEquals(refused.code, 2, refused.stderr);
  const reason =
    /^Error: Cannot move job \S+: its tasks on compute cannot be collected, pass --now to/m;
  assertMatch(refused.stderr, reason);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await cli(["resume", "--engine", "local", "--now"], gone);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^Warning: tasks on compute may still run, but their results are not used: /);
  await assertWhole(20);
});
