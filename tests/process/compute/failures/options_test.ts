/**
 * Options, secrets and the proxy of jobs on a platform.
 *
 * @module
 */

import type { JobOptions } from "../../../../lib/job/options/options.ts";
import { fromFileUrl } from "../../../../lib/util/paths.ts";
import { until } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertLess } from "../../../support/assert.ts";
import { cli, readBelow, readEvents, readLines, runJob } from "../../../support/jobs.ts";
import { jobFolder, LIMIT_MS, POLL, run, test } from "./jobs.ts";

test("submits more platform jobs than fit in one request", async ({ server }) => {
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
  // Each platform job has its own task, and none has started.
  assertEquals(new Set(made.map(({ args }) => JSON.stringify(args[2]))).size, 2500);
  assertEquals(server.counts.executions, 0);
}, { slots: 0 });

const WHOLE = { chunk: undefined, compute: POLL } as unknown as JobOptions;

test("platform jobs of very short tasks get longer slices", async ({ server }) => {
  await run(20_000, WHOLE);
  assertEquals(readEvents(await jobFolder()).length, 20_000);
  // Without the first four, a hundred platform jobs would have 200 tasks each. A loaded machine runs
  // the tasks of the first four more slowly, and the others then have shorter slices.
  assertLess(server.counts.jobs, 60);
});

test("long tasks do not wait for the end of the first slices", async ({ server }) => {
  const end = new AbortController();
  const running = run(10_000, { ...WHOLE, methodName: "held" }, { signal: end.signal });
  await until(() => server.jobs.size === 4, "the first slices are made", LIMIT_MS);
  await until(() => server.jobs.size === 104, "the rest is split evenly", LIMIT_MS);
  end.abort();
  await running;
});

test("the same code is built once", async ({ server }) => {
  await run(10);
  await run(10);
  assertEquals([server.counts.functions, server.counts.uploads], [1, 1]);
  // A user may stop a function; the next job starts it again.
  for (const { wire } of server.functions.values()) wire.status = "stopped";
  await run(10);
  assertEquals([server.counts.functions, server.countOf("PATCH /functions/{id}")], [1, 1]);
  // A change of the concurrency does not need a new build.
  await run(10, { compute: "poll=0.05,maximum_concurrency=3" } as unknown as JobOptions);
  assertEquals([server.counts.functions, server.countOf("PATCH /functions/{id}")], [1, 2]);
  // A change of the function or the machine needs a new build.
  await run(10, { methodName: "slow" });
  await run(10, { compute: "poll=0.05,memory=4GB" } as unknown as JobOptions);
  assertEquals(server.counts.functions, 3);
});

test("no secret is in the job's folder or in the output", async ({ server }) => {
  const { stdout, stderr } = await cli(["test", "4", "--engine", "compute", "--compute", POLL]);
  const info = await cli(["config", "--info"]);
  const found = [...readBelow(".").values()];
  const text = [stdout, stderr, info.stdout, info.stderr, ...found].join("\n");
  assert(found.length > 5);
  assertEquals(text.includes(server.auth.clientSecret), false);
  assertEquals(/eyJ[\w-]+\.[\w-]+\./.test(text), false);
});

// Each platform job starts Deno on this machine.
const FEW = ["--compute", "poll=0.05,maximum_concurrency=2"];

test("the built-in test and the countries run as they do elsewhere", async ({ path }) => {
  const tested = await cli(["test", "4", "--engine", "compute", "--compute", POLL]);
  assertEquals([tested.code, readLinesOf(tested.stdout)], [0, 4], tested.stderr);
  const examples = fromFileUrl(new URL("../../../../examples", import.meta.url).href);
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

test("options and data reach the tasks, and their logs come back", async ({ server }) => {
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

test("requests use the proxy that the environment names", async ({ server }) => {
  const hosts = new Set<string>();
  const quiet = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using proxy = Deno.serve(quiet, async (request) => {
    const { method, headers } = request, url = new URL(request.url);
    hosts.add(url.hostname);
    const body = await request.bytes();
    const target = `${server.base}${url.pathname}${url.search}`;
    return await fetch(target, { method, headers, ...body.length > 0 ? { body } : {} });
  });
  // Only the proxy can resolve this name.
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
