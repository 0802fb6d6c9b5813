/**
 * Jobs on the platform to which everything happens that happens to platforms.
 *
 * @module
 */

import type { JobOptions } from "../../../lib/job/options.ts";
import { STORE } from "../../../lib/job_dir/layout.ts";
import { listJobs } from "../../../lib/job_dir/find.ts";
import { fromFileUrl } from "../../../lib/util/paths.ts";
import type { ComputeServer, Fault, ServerOptions } from "../../../tools/compute_server/mod.ts";
import type { Folder } from "../../../tools/support/files.ts";
import { until, within } from "../../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import {
  assertResults,
  cli,
  endOf,
  enterFolder,
  readEvents,
  readLines,
  recordOf,
  runJob,
  startCli,
} from "../../support/jobs.ts";
import { enterPlatform, whyNot } from "../../support/platform.ts";
import { skipSuffix } from "../../support/programs.ts";

// A task says that it ran, and takes its time.
const WORK = `
export const quick = (x: number) => x;
export async function slow(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  return x;
}
export async function held(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  while (!Deno.readDirSync("FOLDER").some(({ name }) => name === "go")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return x;
}
export async function fickle(x: number) {
  await held(x);
  const mark = "FOLDER/tried-" + x;
  try {
    Deno.statSync(mark);
  } catch {
    Deno.writeTextFileSync(mark, "");
    throw new Error("not the first time");
  }
  return x;
}
export function breaks(x: number) {
  Deno.writeTextFileSync("RAN", x + "\\n", { append: true });
  // The program that runs the worker, and not the worker.
  if (x === 5) Deno.kill(Deno.ppid, "SIGKILL");
  return x;
}
`;

const LIMIT_MS = 120_000;
const POLL = "poll=0.05";

interface Place extends Folder {
  readonly server: ComputeServer;
}

function test(
  claim: string,
  fn: (place: Place) => Promise<void>,
  options: ServerOptions = {},
): void {
  Deno.test({
    name: `compute: ${claim}${skipSuffix(whyNot)}`,
    ignore: whyNot !== undefined,
    fn: async () => {
      await using folder = await enterFolder({});
      const work = WORK.replaceAll("RAN", `${folder.path}/ran`).replaceAll("FOLDER", folder.path);
      await folder.write("work.ts", work);
      await using server = await enterPlatform(options);
      await within(fn({ ...folder, server }), claim, LIMIT_MS);
    },
  });
}

/** Runs a job over 0 to count - 1, in platform jobs of five tasks. */
async function run(count: number, options: JobOptions = {}) {
  return await runJob({
    ...{ moduleName: "work", methodName: "quick", moduleDir: ".", argsList: count },
    ...{ engine: "compute", platformJob: true, isDev: false, chunk: 5, workers: null },
    compute: "poll=0.05,maximum_concurrency=2",
    ...options,
  } as JobOptions);
}

async function jobFolder(): Promise<string> {
  return `${Deno.cwd()}/${STORE}/${(await listJobs()).at(-1)}`;
}

/** Fails unless all tasks have one end each. */
async function assertWhole(count: number): Promise<void> {
  assertResults(await jobFolder(), Array.from({ length: count }, (_, i) => i));
}

const FAULTS: readonly (readonly [name: string, faults: readonly Fault[]])[] = [
  ["an answer to the bulk that is lost before it is done", [
    { type: "drop", when: "before", on: "POST /jobs/bulk", times: 2 },
  ]],
  ["an answer to the bulk that is lost when it is done", [
    { type: "drop", when: "after", on: "POST /jobs/bulk", times: 2 },
  ]],
  ["a bulk that fails after it is done", [
    { type: "status", status: 500, after: true, on: "POST /jobs/bulk", times: 2 },
  ]],
  ["a function that is lost before it is made", [
    { type: "drop", when: "before", on: "POST /functions", times: 1 },
  ]],
  ["a function that is lost when it is made", [
    { type: "drop", when: "after", on: "POST /functions", times: 1 },
  ]],
  ["a function that is made with an error", [
    { type: "status", status: 502, after: true, on: "POST /functions", times: 1 },
  ]],
  ["uploads that are cut", [
    { type: "drop", when: "before", on: "PUT /bucket/{id}", times: 1 },
    { type: "drop", when: "after", on: "PUT /bucket/{id}", times: 1 },
    { type: "drop", when: "after", on: "POST /functions/{id}/bundle", times: 1 },
  ]],
  ["too many requests, with and without a time", [
    { type: "status", status: 429, on: "GET /jobs", times: 2 },
    { type: "status", status: 429, retryAfter: 1, on: "POST /jobs/bulk", times: 1 },
    { type: "status", status: 503, on: "GET /functions", times: 1 },
  ]],
  ["results and logs that do not come", [
    { type: "status", status: 500, on: "GET /storage/download/{id}", times: 2 },
    { type: "drop", when: "before", on: "GET /bucket/{id}", times: 2 },
    { type: "drop", when: "after", on: "GET /jobs/{id}/log", times: 2 },
  ]],
  ["answers that are slow", [{ type: "slow", ms: 50 }]],
  ["tokens that end in the middle", [
    { type: "expire", on: "GET /jobs", times: 1 },
    { type: "expire", on: "POST /jobs/bulk", times: 1 },
  ]],
  ["a bulk that is answered in another order", [{ type: "shuffle" }]],
];

for (const [name, faults] of FAULTS) {
  test(`survives ${name}`, async ({ server }) => {
    const added = faults.map((fault) => server.faults.add(fault));
    const { succeeded } = await run(40);
    assertEquals(succeeded, 40);
    await assertWhole(40);
    for (const { happened } of added) assert(happened > 0, "it has happened");
    const { jobs, executions } = server.counts;
    assertEquals([server.functions.size, jobs, executions], [1, 8, 8]);
    // What the journal has the platform needs to keep no more.
    assertEquals(server.jobs.size, 0);
  });
}

test("a job whose machine is taken away is begun again", async ({ server }) => {
  const taken = server.faults.add({ type: "preempt", times: 2 });
  assertEquals((await run(40)).succeeded, 40);
  await assertWhole(40);
  assertEquals([taken.happened, server.counts.jobs, server.counts.executions], [2, 8, 10]);
});

test("what a job returned and is lost is run again", async ({ server }) => {
  const lost = server.faults.add({ type: "lose", times: 1 });
  assertEquals((await run(40)).succeeded, 40);
  await assertWhole(40);
  assertEquals([lost.happened, server.counts.jobs], [1, 9]);
  const types = readEvents(await jobFolder()).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "lost").length, 5);
});

test("a build that fails says why, and the next one is made anew", async ({ server }) => {
  server.faults.add({ type: "build", times: 1 });
  const error = await assertRejects(() => run(40), Error);
  assertMatch(
    error.message,
    /could not build dl_jobs-[\da-f]{16}.*\n.*The image could not be made/s,
  );
  assertEquals((await run(40)).succeeded, 40);
  assertEquals([server.functions.size, server.counts.functions], [1, 2]);
});

test("more platform jobs than one request takes", async ({ server }) => {
  const end = new AbortController();
  const running = runJob({
    ...{ moduleName: "work", methodName: "quick", moduleDir: ".", argsList: 2500, chunk: 1 },
    ...{ engine: "compute", isDev: false, env: { LEVEL: "high" }, workers: null },
    compute: "poll=0.05,tags=mine",
  } as unknown as JobOptions, { signal: end.signal });
  await until(() => server.jobs.size === 2500, "all are made", LIMIT_MS);
  end.abort();
  await running;
  assertEquals(server.countOf("POST /jobs/bulk"), 3);
  const made = server.jobs.values().toArray().map(({ wire }) => wire);
  const byRequest = Map.groupBy(made, ({ tags }) => tags[2]).values().toArray();
  assertEquals(byRequest.map(({ length }) => length), [1000, 1000, 500]);
  const { tags, environment, kwargs } = made[0]!;
  assertEquals([tags[0], tags[3], environment, kwargs], [
    "dl_jobs",
    "mine",
    { LEVEL: "high" },
    null,
  ]);
  // Each has its own task, and none was begun.
  assertEquals(new Set(made.map(({ args }) => JSON.stringify(args[2]))).size, 2500);
  assertEquals(server.counts.executions, 0);
}, { slots: 0 });

test("the same code is built once", async ({ server }) => {
  await run(10);
  await run(10);
  assertEquals([server.counts.functions, server.counts.uploads], [1, 1]);
  // Who stopped it wants nothing begun until it is needed.
  for (const { wire } of server.functions.values()) wire.status = "stopped";
  await run(10);
  assertEquals([server.counts.functions, server.countOf("PATCH /functions/{id}")], [1, 1]);
  // How many run at a time needs no other build.
  await run(10, { compute: "poll=0.05,maximum_concurrency=3" } as unknown as JobOptions);
  assertEquals([server.counts.functions, server.countOf("PATCH /functions/{id}")], [1, 2]);
  // Another function, or another machine, is other code.
  await run(10, { methodName: "slow" });
  await run(10, { compute: "poll=0.05,memory=4GB" } as unknown as JobOptions);
  assertEquals(server.counts.functions, 3);
});

test("a function that somebody removes is made again", async ({ server, path }) => {
  const { end } = await begin(10, "fickle", "--max_attempts", "2", "--backoff", "0");
  await until(() => readLines("ran").length >= 2, "both platform jobs run", LIMIT_MS);
  for (const id of server.functions.keys()) (server.functions as Map<string, unknown>).delete(id);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await end;
  assertEquals(code, 0, stderr);
  await assertWhole(10);
  assertEquals([server.counts.functions, server.counts.jobs], [2, 4]);
});

test("platform jobs that somebody removes or ends are run again", async ({ server, path }) => {
  const { end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const open = server.jobs.values().toArray().map(({ wire }) => wire);
  const waiting = open.filter(({ status }) => status === "pending").map(({ id }) => id);
  assertEquals(open.length, 4);
  (server.jobs as Map<string, unknown>).delete(waiting[0]!);
  await Deno.writeTextFile(`${path}/go`, "");
  assertEquals((await end).code, 0);
  await assertWhole(20);
});

test("a task that ends the platform's job takes no other with it", async ({ server }) => {
  const { succeeded, failed } = await run(10, { methodName: "breaks" });
  assertEquals([succeeded, failed], [9, 1]);
  const [failure] = readEvents(await jobFolder()).filter(({ type }) => type === "failed");
  assertEquals(failure?.id, 5);
  assertMatch(JSON.stringify(failure), /its platform job .* ended as failure.*"class":"oom"/);
  assert(server.counts.jobs > 2);
});

test("10,000 tasks with 5 % of all answers failing", async ({ server }) => {
  const broken = server.faults.add({ type: "status", status: 500, probability: 0.025 });
  const cut = server.faults.add({ type: "drop", when: "after", probability: 0.025 });
  const { succeeded } = await run(10_000, {
    chunk: 250,
    compute: "poll=0.05,maximum_concurrency=4",
  } as unknown as JobOptions);
  assertEquals(succeeded, 10_000);
  await assertWhole(10_000);
  assert(broken.happened + cut.happened > 5, `${broken.happened} and ${cut.happened}`);
  assertEquals([server.functions.size, server.counts.jobs], [1, 40]);
});

/** Starts a job of a process of its own, over 0 to count - 1. */
async function begin(count: number, method: string, ...flags: string[]) {
  const list = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  await Deno.writeTextFile("list.ndjson", list);
  const args = ["map", `work.ts#${method}`, "list.ndjson", "--engine", "compute"];
  const process = startCli([...args, "--chunk", "5", "--compute", POLL, ...flags]);
  await process.stdin.close();
  return { process, end: endOf(process) };
}

test("another controller takes over where one was killed", async ({ server, path }) => {
  const { process, end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const { id } = recordOf(await jobFolder());
  process.kill("SIGKILL");
  await end;
  const status = await cli(["status", String(id)]);
  assertMatch(status.stdout, /interrupted/);
  assertMatch(status.stdout, /2 platform jobs running/);
  await Deno.writeTextFile(`${path}/go`, "");
  const { code, stderr } = await cli(["resume", String(id)]);
  assertEquals(code, 0, stderr);
  await assertWhole(20);
  assertEquals([server.counts.jobs, server.counts.executions], [4, 4]);
});

test("a bulk whose controller never learned its end is found again", async ({ server, path }) => {
  // The answer stays away, and so does the controller.
  const slow = server.faults.add({ type: "slow", ms: 3_600_000, on: "POST /jobs/bulk" });
  const { process, end } = await begin(20, "quick");
  await until(() => slow.happened > 0, "the bulk is on its way", LIMIT_MS);
  process.kill("SIGKILL");
  await end;
  slow.off();
  const { code, stderr } = await cli(["resume", "last"]);
  assertEquals(code, 0, stderr);
  await assertWhole(20);
  assert(server.counts.jobs <= 8, `${server.counts.jobs} jobs in ${path}`);
});

test("a function without code is cleared away by the next controller", async ({ server }) => {
  const slow = server.faults.add({ type: "slow", ms: 3_600_000, on: "PUT /bucket/{id}" });
  const { process, end } = await begin(20, "quick");
  await until(() => slow.happened > 0, "the upload is on its way", LIMIT_MS);
  process.kill("SIGKILL");
  await end;
  slow.off();
  const states = () => server.functions.values().toArray().map(({ wire }) => wire.status);
  assertEquals(states(), ["awaiting_bundle"]);
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(20);
  assertEquals(states(), ["ready"]);
});

test("Ctrl-C ends what runs there, and resume goes on", async ({ server, path }) => {
  const { process, end } = await begin(20, "held", "--grace", "0.1");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  process.kill("SIGINT");
  const { code, stderr } = await end;
  assertEquals(code, 130, stderr);
  const isOver = () => server.jobs.values().every(({ wire }) => wire.status === "canceled");
  await until(isOver, "all platform jobs are canceled");
  await Deno.writeTextFile(`${path}/go`, "");
  assertEquals((await cli(["resume", "last"])).code, 0);
  await assertWhole(20);
});

test("a job is canceled from elsewhere", async ({ server }) => {
  const { end } = await begin(20, "held");
  await until(() => readLines("ran").length > 0, "a task begins", LIMIT_MS);
  const { code, stderr } = await cli(["cancel", "last"]);
  assertEquals(code, 0, stderr);
  await end;
  const isOver = () => server.jobs.values().every(({ wire }) => wire.status === "canceled");
  await until(isOver, "all platform jobs are canceled");
  assertMatch((await cli(["status", "last"])).stdout, /canceled/);
});

test("no secret is left in the job's folder, or said", async ({ server }) => {
  const { stdout, stderr } = await cli(["test", "4", "--engine", "compute", "--compute", POLL]);
  const info = await cli(["config", "--info"]);
  const found = await Array.fromAsync(readAll("."));
  const text = [stdout, stderr, info.stdout, info.stderr, ...found].join("\n");
  assert(found.length > 5);
  assertEquals(text.includes(server.auth.clientSecret), false);
  assertEquals(/eyJ[\w-]+\.[\w-]+\./.test(text), false);
});

async function* readAll(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* readAll(`${folder}/${name}`);
    else yield await Deno.readTextFile(`${folder}/${name}`);
  }
}

// Each costs this machine a start of Deno.
const FEW = ["--compute", "poll=0.05,maximum_concurrency=2"];

test("the built-in test and the countries run as they do elsewhere", async ({ path }) => {
  const tested = await cli(["test", "4", "--engine", "compute", "--compute", POLL]);
  assertEquals([tested.code, readLinesOf(tested.stdout)], [0, 4], tested.stderr);
  const examples = fromFileUrl(new URL("../../../examples", import.meta.url).href);
  const copied = new Deno.Command("cp", { args: ["-r", `${examples}/countries/.`, path] });
  assertEquals((await copied.output()).code, 0);
  const { code, stdout, stderr } = await cli([
    "run",
    "countries.area",
    "--engine",
    "compute",
    ...FEW,
  ]);
  assertEquals(code, 0, stderr);
  assertEquals(readLinesOf(stdout), 177);
});

function readLinesOf(text: string): number {
  return text.trim().split("\n").length;
}

test("what a job writes and what it is told comes through", async ({ server }) => {
  await Deno.writeTextFile("note.txt", "from here");
  await Deno.writeTextFile(
    "told.ts",
    `export const task = () => {
      console.log("said");
      return [Deno.env.get("LEVEL"), Deno.readTextFileSync("note.txt")];
    };`,
  );
  await run(2, {
    ...{ moduleName: "./told.ts", methodName: "task", env: { LEVEL: "high" }, data: ["note.*"] },
    ...{ requirements: ["# none"], taskKwargs: { timeout: 120, tags: "a,b" } },
  } as unknown as JobOptions);
  const folder = await jobFolder();
  assertEquals(readEvents(folder).map((event) => "result" in event && event.result), [
    ["high", "from here"],
    ["high", "from here"],
  ]);
  assertEquals(readLines(`${folder}/logs.ndjson`).length, 2);
  const [made] = server.functions.values();
  assertEquals(made?.wire.timeout, 120);
});

test("requests go by the proxy that the environment names", async ({ server }) => {
  const hosts = new Set<string>();
  const quiet = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using proxy = Deno.serve(quiet, async (request) => {
    const { method, headers } = request, url = new URL(request.url);
    hosts.add(url.hostname);
    const body = await request.bytes();
    const target = `${server.base}${url.pathname}${url.search}`;
    return await fetch(target, { method, headers, ...body.length > 0 ? { body } : {} });
  });
  // A name that only the proxy knows.
  const named = Object.entries(server.envOf()).map(([name, value]) =>
    [name, value.replace(server.base, "http://compute.invalid")] as const
  );
  const env = { ...Object.fromEntries(named), HTTP_PROXY: `http://127.0.0.1:${proxy.addr.port}` };
  const { code, stderr } = await cli(["test", "1", "--engine", "compute", "--compute", POLL], {
    env,
  });
  assertEquals(code, 0, stderr);
  assert(hosts.has("compute.invalid"));
});
