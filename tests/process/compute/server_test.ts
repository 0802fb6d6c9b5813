import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until, within } from "../../../tools/support/until.ts";
import {
  Client,
  FIELDS,
  type RequestParts,
  signIn,
  upload,
  zip,
} from "../../support/compute_client.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";
import {
  ComputeServer,
  type Fault,
  type ServerOptions,
} from "../../../tools/compute_server/mod.ts";

// It runs what it is given with Python.
const whyNot = await whyNoProgram("python3");

function test(claim: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const name = claim + skipSuffix(whyNot);
  Deno.test({ name, ignore: whyNot !== undefined, fn });
}

/** A bundle of one function. */
function bundleOf(source: string, more: Readonly<Record<string, string>> = {}) {
  return { "__dlentrypoint__.py": `${source}\n\n\nmain = f\n`, ...more };
}

const SQUARE = bundleOf("def f(x):\n    print('at', x)\n    return x * x");
const QUICK = { buildMs: 1, cancelMs: 1 };

async function open(options: ServerOptions = {}) {
  const server = await ComputeServer.start({ ...QUICK, ...options });
  const client = await Client.open(server);
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function bulkOf(id: string, args: readonly (readonly unknown[])[]) {
  return {
    function_id: id,
    bulk_args: args,
    bulk_kwargs: null,
    bulk_environments: null,
    reference_id: crypto.randomUUID(),
  };
}

test("ComputeServer runs a bundle: from the token to the result", async () => {
  await using all = await open();
  const { client, server } = all;
  const made = await client.ask("POST /functions", { body: { ...FIELDS, retry_count: 2 } });
  const { function: created, bundle_upload_url } = made.body;
  assertEquals([created.status, created.retry_count, created.cpus, created.memory], [
    "awaiting_bundle",
    2,
    1,
    2048,
  ]);
  assertEquals(await upload(bundle_upload_url, await zip(SQUARE)), 200);
  const building = await client.ask(`POST /functions/${created.id}/bundle`);
  assertEquals(building.body.status, "building");
  // Jobs may come while it is built.
  const id = await client.submit(created.id, [7]);
  const job = await client.ended(id);
  assertEquals([job.status, job.exit_code, job.error_reason, job.execution_count, job.args], [
    "success",
    0,
    null,
    1,
    [7],
  ]);
  assert(job.statistics.memory.peak_bytes > 1e6);
  assertEquals(await client.result(id), 49);
  const log = await client.ask(`GET /jobs/${id}/log`);
  assertEquals(log.body.log, "at 7");
  assertMatch(log.body.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assertEquals({ ...server.counts }, { functions: 1, uploads: 1, jobs: 1, executions: 1 });
  assertEquals(server.countOf("POST /functions/{id}/bundle"), 1);
});

test("ComputeServer calls the entrypoint as the platform does", async (t) => {
  const source = `import os, sys, time
class Own:
    def serialize(self):
        return b"own"
def f(what, value=None, **named):
    if what == "bytes": return b"\\x00raw"
    if what == "none": return None
    if what == "own": return Own()
    if what == "named": return named
    if what == "env": return [os.environ.get("A"), os.environ.get("B")]
    if what == "cwd": return sorted(os.listdir("."))
    if what == "raise": raise ValueError("empty tile")
    if what == "set": return {1}
    if what == "exit": sys.exit(3)
    if what == "crash": os.abort()
    if what == "large": return b"x" * value
    if what == "err": print("out"); print("err", file=sys.stderr); os.system("echo child")
    if what == "deno":
        from deno import find_deno_bin
        return os.popen(find_deno_bin() + " --version; deno --version").read().count("deno ")
`;
  await using all = await open();
  const { client } = all;
  const id = await client.deploy(
    bundleOf(source, { "requirements.txt": "deno==2.9.6\n\n# a word\nnumpy>=1,<3", "a/b.txt": "" }),
    { environment: { A: "function", B: "function" } },
  );
  const cases: [string, readonly unknown[], Record<string, unknown>, string | null, unknown][] = [
    ["bytes", ["bytes"], {}, null, "\0raw"],
    ["nothing", ["none"], {}, null, undefined],
    ["an own class", ["own"], {}, null, "own"],
    ["named arguments", ["named"], { kwargs: { a: [1] } }, null, { a: [1] }],
    ["variables", ["env"], { environment: { A: "job" } }, null, ["job", "function"]],
    ["its folder", ["cwd"], {}, null, ["__dlentrypoint__.py", "a", "requirements.txt"]],
    ["deno", ["deno"], {}, null, 2],
    ["an exception", ["raise"], {}, "ValueError: empty tile", undefined],
    ["no JSON", ["set"], {}, "TypeError: Object of type set is not JSON serializable", undefined],
    ["an exit", ["exit"], {}, "SystemExit: 3", undefined],
    ["a crash", ["crash"], {}, "The process exited with code 134", undefined],
    ["1 MB", ["large", 1e6], {}, null, "x".repeat(1e6)],
    [
      "more",
      ["large", 1e6 + 1],
      {},
      "The result of 1000001 bytes exceeds 1000000 bytes",
      undefined,
    ],
  ];
  for (const [name, args, more, reason, result] of cases) {
    await t.step(name, async () => {
      const job = await client.submit(id, args, more);
      const { status, error_reason } = await client.ended(job);
      assertEquals([status, error_reason], [reason ? "failure" : "success", reason]);
      assertEquals(await client.result(job), result);
    });
  }
  await t.step("all that it writes is in the log, in order", async () => {
    const job = await client.submit(id, ["err"]);
    await client.ended(job);
    const { body } = await client.ask(`GET /jobs/${job}/log`);
    const lines = String(body).trim().split("\n").map((line) => JSON.parse(line).log);
    assertEquals(lines, ["out", "err", "child"]);
  });
});

test("ComputeServer builds what can be built, and says why not", async (t) => {
  await using all = await open({ requirements: "fail" });
  const { client, server } = all;
  const cases: [string, Record<string, string>, string, string][] = [
    ["a good one", SQUARE, "ready", "Unpacked 1 files\nBuild complete\n"],
    ["no entrypoint", { "a.py": "" }, "build_failed", "__dlentrypoint__.py: not at the root"],
    ["a syntax error", bundleOf("def f(:"), "build_failed", "SyntaxError: invalid syntax"],
    ["no main", { "__dlentrypoint__.py": "x = 1" }, "build_failed", "does not end with an assign"],
    ["a way out", { ...SQUARE, "../a": "" }, "build_failed", "../a: leaves the root"],
    ["a taken name", { ...SQUARE, "__main__.py": "" }, "build_failed", "__main__.py: this name"],
    [
      "a requirement that is none",
      { ...SQUARE, "requirements.txt": "a b" },
      "build_failed",
      "requirements.txt: invalid requirement 'a b'",
    ],
    [
      "a requirement that is not here",
      { ...SQUARE, "requirements.txt": "numpy" },
      "build_failed",
      "No matching distribution found for numpy",
    ],
  ];
  for (const [name, files, status, log] of cases) {
    await t.step(name, async () => {
      const id = await client.deploy(files);
      assertEquals(server.functions.get(id)!.wire.status, status);
      const { computeUrl } = server;
      const { headers } = client;
      const response = await fetch(`${computeUrl}/functions/${id}/log`, { headers });
      assertEquals(response.headers.get("content-encoding"), null);
      const unpacked = response.body!.pipeThrough(new DecompressionStream("gzip"));
      assertStringIncludes(await new Response(unpacked).text(), log);
    });
  }
  await t.step("a bundle that is not a zip file", async () => {
    const { body } = await client.ask("POST /functions", { body: FIELDS });
    await upload(body.bundle_upload_url, new Uint8Array(9));
    await client.ask(`POST /functions/${body.function.id}/bundle`);
    const { wire } = server.functions.get(body.function.id)!;
    await until(() => wire.status === "build_failed", "the build");
    const job = { function_id: wire.id, args: [] };
    assertEquals((await client.ask("POST /jobs", { body: job })).status, 400);
  });
  await t.step("nothing", async () => {
    const { body } = await client.ask("POST /functions", { body: FIELDS });
    assertEquals((await client.ask(`POST /functions/${body.function.id}/bundle`)).status, 400);
  });
});

test("ComputeServer refuses what is wrong, with the reason", async (t) => {
  await using all = await open({ buildMs: 60_000 });
  const { client } = all;
  const made = await client.ask("POST /functions", { body: FIELDS });
  const { id } = made.body.function;
  const job = await client.submit(id, []);
  const bulk = bulkOf(id, [[1]]), { reference_id: _, ...nameless } = bulk;
  const filter = (member: unknown) =>
    `GET /jobs?filter=${encodeURIComponent(JSON.stringify([member]))}`;
  const text = { "content-type": "text/plain" };
  const cases: [string, RequestParts, number, Record<string, string[]> | string][] = [
    ["GET /nothing", {}, 404, "There is nothing here"],
    ["PUT /jobs", {}, 405, "There is nothing here"],
    ["GET /jobs/x", {}, 404, "Job x not found"],
    ["GET /functions/x", {}, 404, "Function x not found"],
    ["GET /jobs", { headers: { authorization: "" } }, 401, "Authorization: no bearer token"],
    ["GET /jobs", { headers: { authorization: "Bearer x" } }, 401, /known/.source],
    ["GET /jobs", { headers: { accept: "*/*" } }, 422, { Accept: ["Not application/json"] }],
    ["GET /jobs", { headers: { "x-client-session": "1" } }, 422, {
      "X-Client-Session": ["Not a hex uuid"],
    }],
    ["GET /jobs", { headers: { "x-request-group": "1" } }, 422, {
      "X-Request-Group": ["Not a hex uuid"],
    }],
    ["POST /jobs", { body: {}, headers: text }, 422, { "Content-Type": ["Not application/json"] }],
    ["POST /jobs", { body: "{" }, 422, "Validation error: the body is not JSON"],
    ["POST /jobs", { body: [] }, 422, "Validation error: the body is not an object"],
    ["POST /jobs", { body: {} }, 422, { function_id: ["Missing"] }],
    ["POST /jobs", { body: { function_id: "x" } }, 404, "Function x not found"],
    [`POST /jobs/${job}/cancel`, { body: {} }, 422, "POST /jobs/{id}/cancel takes no body"],
    ["POST /functions", { body: { ...FIELDS, gpus: 1 } }, 422, { gpus: ["Unknown field"] }],
    ["POST /functions", { body: { name: "a" } }, 422, { image: ["Missing"] }],
    ["POST /functions", { body: { ...FIELDS, cpus: 3 } }, 422, {
      cpus: ["Not one of 0.25, 0.5, 1, 2, 4, 8, 16"],
    }],
    ["POST /functions", { body: { ...FIELDS, memory: "2GB" } }, 422, {
      memory: ["Not an integer"],
    }],
    ["POST /functions", { body: { ...FIELDS, memory: 16384 } }, 422, {
      memory: ["Not allowed for 1 cpu"],
    }],
    ["POST /functions", { body: { ...FIELDS, cpus: 8, memory: 17408 } }, 422, {
      memory: ["Not allowed for 8 cpu"],
    }],
    ["POST /functions", { body: { ...FIELDS, maximum_concurrency: 1001 } }, 422, {
      maximum_concurrency: ["Not between 1 and 1000"],
    }],
    ["POST /functions", { body: { ...FIELDS, environment: { A: 1 } } }, 422, {
      environment: ["Not a map of strings"],
    }],
    ["POST /functions", { body: { ...FIELDS, enabled: "yes" } }, 422, {
      enabled: ["Not a boolean"],
    }],
    [`PATCH /functions/${id}`, { body: { image: "python3.11:latest" } }, 422, {
      image: ["Cannot be changed"],
    }],
    [`PATCH /functions/${id}`, { body: { status: "building" } }, 422, {
      status: ["Not one of ready, stopped"],
    }],
    [
      `PATCH /functions/${id}`,
      { body: { status: "ready" } },
      400,
      `Function ${id} is awaiting_bundle`,
    ],
    [`GET /functions/${id}?include=jobs`, {}, 422, { include: ["Not job.statistics"] }],
    [`GET /functions/${id}/log`, {}, 404, "There is no build log yet"],
    [`DELETE /functions/${id}`, {}, 400, `Function ${id} has 1 jobs that have not ended`],
    ["POST /jobs/bulk", { body: nameless }, 422, { reference_id: ["Missing"] }],
    ["POST /jobs/bulk", { body: { ...bulk, reference_id: "1" } }, 422, {
      reference_id: ["Not a uuid"],
    }],
    ["POST /jobs/bulk", { body: { ...bulk, bulk_args: [] } }, 422, {
      bulk_args: ["Not 1 to 1000 elements"],
    }],
    ["POST /jobs/bulk", { body: { ...bulk, bulk_args: [1] } }, 422, {
      bulk_args: ["Element 0: Not an array"],
    }],
    ["POST /jobs/bulk", { body: { ...bulk, bulk_kwargs: [{}, {}] } }, 422, {
      bulk_kwargs: ["Not 1 elements"],
    }],
    [`GET /jobs/${job}/log`, {}, 404, `Job ${job} has no log yet`],
    [`DELETE /jobs/${job}?delete_results=1`, {}, 422, { delete_results: ["Not a boolean"] }],
    [`GET /jobs/${job}?verbose=1`, {}, 422, { verbose: ["Unknown parameter"] }],
    ["GET /jobs?color=red", {}, 422, { color: ["Unknown field"] }],
    ["GET /jobs?filter={}", {}, 422, { filter: ["Not a JSON array"] }],
    ["GET /jobs?page_size=0", {}, 422, { page_size: ["Not between 1 and 1000"] }],
    ["GET /jobs?sort=args", {}, 422, { sort: ["Cannot sort by args"] }],
    ["GET /jobs?page_cursor=x&limit=1", {}, 422, { page_cursor: ["Goes with no other parameter"] }],
    ["GET /jobs?page_cursor=x", {}, 422, { page_cursor: ["Not a cursor"] }],
    [filter({ name: "args", op: "eq", val: 1 }), {}, 422, { filter: ["Cannot filter by args"] }],
    [filter({ name: "id", op: "in", val: "" }), {}, 422, { filter: ["Unknown op in"] }],
    [filter({ name: "status", op: "eq", val: "done" }), {}, 422, {
      filter: ['status is never "done"'],
    }],
    [filter({ or: [] }), {}, 422, { filter: ["or has no members"] }],
    ["POST /jobs/cancel", { body: { delete_results: true } }, 422, {
      delete_results: ["Unknown field"],
    }],
    ["POST /jobs/delete", { body: { filter: "[]" } }, 422, { filter: ["Not an array"] }],
    ["GET /storage/download/none", { headers: { accept: "application/json" } }, 422, "errors"],
    ["GET /storage/download/none", {}, 404, "Blob none not found"],
  ];
  for (const [line, asked, status, reason] of cases) {
    const what = typeof reason === "string" ? reason : JSON.stringify(reason);
    await t.step(
      `${line.slice(0, 60).replaceAll(/[0-9a-f]{8}-[0-9a-f-]+/g, "ID")}: ${what}`,
      async () => {
        const answer = await client.ask(line, asked);
        assertEquals(answer.status, status, JSON.stringify(answer.body));
        if (typeof reason === "string") {
          assertStringIncludes(JSON.stringify(answer.body), reason);
        } else assertEquals(answer.body.errors, reason);
      },
    );
  }
});

test("ComputeServer makes a batch once", async () => {
  await using all = await open({ buildMs: 60_000 });
  const { client, server } = all;
  const { id } = (await client.ask("POST /functions", { body: FIELDS })).body.function;
  const body = bulkOf(id, [["a"], ["b"], ["c"]]);
  const first = await client.ask("POST /jobs/bulk", { body });
  const again = await client.ask("POST /jobs/bulk", { body });
  assertEquals(again, first);
  assertEquals(first.body.map((job: { args: unknown }) => job.args), [["a"], ["b"], ["c"]]);
  const other = await client.ask("POST /jobs/bulk", { body: { ...body, bulk_args: [["d"]] } });
  assertEquals(other.status, 409);
  assertEquals(server.counts.jobs, 3);
});

test("ComputeServer finds jobs by filters, in order, page by page", async (t) => {
  await using all = await open({ buildMs: 60_000 });
  const { client } = all;
  const { id } = (await client.ask("POST /functions", { body: FIELDS })).body.function;
  const other = (await client.ask("POST /functions", { body: FIELDS })).body.function.id;
  const body = { ...bulkOf(id, Array.from({ length: 7 }, (_, i) => [i])), tags: ["t"] };
  const jobs = (await client.ask("POST /jobs/bulk", { body })).body;
  await client.submit(other, [7]);
  const ask = async (query: string) => {
    const { body: { meta, data } } = await client.ask(`GET /jobs?${query}`);
    return { meta, args: data.map((job: { args: unknown[] }) => job.args[0]) };
  };
  const search = async (...filter: unknown[]) =>
    (await ask(`filter=${encodeURIComponent(JSON.stringify(filter))}`)).args;
  const is = (name: string, val: unknown, op = "eq") => ({ name, op, val });

  await t.step("filters", async () => {
    assertEquals(await search(is("function_id", other)), [7]);
    assertEquals(await search({ or: [is("id", jobs[1].id), is("id", jobs[3].id)] }), [1, 3]);
    assertEquals(await search(is("tags", "t"), is("id", jobs[2].id, "ne")), [0, 1, 3, 4, 5, 6]);
    assertEquals(await search(is("id", jobs[5].id.slice(0, 20), "prefix")), [5]);
    assertEquals(await search({ and: [is("status", "pending"), is("function_id", other)] }), [7]);
    const past = "2020-01-01T00:00:00+00:00";
    assertEquals(await search(is("creation_date", past, "lt")), []);
    assertEquals((await search(is("creation_date", past, "gte"))).length, 8);
    assertEquals((await ask("status=running&status=pending")).args.length, 8);
    assertEquals((await ask(`function_id=${other}`)).args, [7]);
  });
  await t.step("pages", async () => {
    const first = await ask(`function_id=${id}&page_size=3`);
    assertEquals({ ...first.meta, page_cursor: "" }, {
      current_page: 1,
      last_page: 3,
      page_size: 3,
      next_page: 2,
      page_cursor: "",
      total: 7,
    });
    const second = await ask(`page_cursor=${first.meta.page_cursor}`);
    const third = await ask(`page_cursor=${second.meta.page_cursor}`);
    assertEquals([first, second, third].map((page) => page.args), [[0, 1, 2], [3, 4, 5], [6]]);
    assertEquals(third.meta.page_cursor, null);
  });
  await t.step("limit and order", async () => {
    const counted = await ask("limit=0");
    assertEquals([counted.meta.total, counted.args], [8, []]);
    assertEquals((await ask("limit=2")).args, [0, 1]);
    const ids = jobs.map((job: { id: string }) => job.id).sort().reverse();
    const sorted = await client.ask(`GET /jobs?function_id=${id}&sort=-id`);
    assertEquals(sorted.body.data.map((job: { id: string }) => job.id), ids);
  });
  await t.step("functions, with their jobs counted", async () => {
    const { body } = await client.ask("GET /functions?include=job.statistics");
    const counted = body.data.map((one: { job_statistics: unknown }) => one.job_statistics);
    const none = { running: 0, cancel: 0, canceling: 0 };
    assertEquals(counted, [{ pending: 7, ...none }, { pending: 1, ...none }]);
  });
});

const SLEEP = bundleOf("import time\ndef f(s):\n    print('on', flush=True)\n    time.sleep(s)");

test("ComputeServer bounds how many jobs run at once", async (t) => {
  await using all = await open({ slots: 3 });
  const { client, server } = all;
  for (const [most, maximum_concurrency] of [[2, 2], [3, 10]] as const) {
    await t.step(`${most} of ${maximum_concurrency}`, async () => {
      const id = await client.deploy(SLEEP, { maximum_concurrency });
      const body = bulkOf(id, Array.from({ length: 6 }, () => [0.1]));
      const { body: jobs } = await client.ask("POST /jobs/bulk", { body });
      for (const job of jobs) assertEquals((await client.ended(job.id)).status, "success");
      assertEquals(server.load.most, most);
    });
  }
});

test("ComputeServer ends, repeats and forgets jobs", async (t) => {
  await using all = await open({ slots: 1 });
  const { client, server } = all;
  const id = await client.deploy(SLEEP, { timeout: 1, retry_count: 1 });
  const of = (job: string) => ({ filter: [{ name: "id", op: "eq", val: job }] });
  const on = (job: string) => until(() => server.jobs.get(job)!.log.length > 0, "it runs");

  await t.step("a job that takes too long, without another try", async () => {
    const { status, error_reason, exit_code, execution_count, runtime } = await client.ended(
      await client.submit(id, [60]),
    );
    assertEquals({ status, error_reason, exit_code, execution_count, runtime }, {
      status: "timeout",
      error_reason: "Job exceeded its timeout of 1 seconds",
      exit_code: 137,
      execution_count: 1,
      runtime: 1,
    });
  });
  await t.step("cancel: what runs by and by, what waits at once", async () => {
    await client.ask(`PATCH /functions/${id}`, { body: { timeout: 60 } });
    const job = await client.submit(id, [60]), waiting = await client.submit(id, [60]);
    await on(job);
    assertEquals((await client.ask(`DELETE /jobs/${job}`)).status, 400);
    const canceled = await client.ask("POST /jobs/cancel", { body: of(waiting) });
    assertEquals(canceled.body[0].status, "canceled");
    assertEquals((await client.ask(`POST /jobs/${job}/cancel`)).body.status, "cancel");
    assertEquals((await client.ended(job)).status, "canceled");
    assertEquals((await client.ask(`POST /jobs/${job}/cancel`)).body.status, "canceled");
    const soon = await client.submit(id, [60]);
    await until(() => server.jobs.get(soon)!.wire.status === "running", "it is about to run");
    await client.ask(`POST /jobs/${soon}/cancel`);
    assertEquals((await client.ended(soon)).status, "canceled");
  });
  await t.step("rerun: what failed, and nothing else", async () => {
    const good = await client.submit(id, [0]), bad = await client.submit(id, ["x"]);
    assertEquals((await client.ended(good)).status, "success");
    const failed = await client.ended(bad);
    assertEquals([failed.status, failed.execution_count], ["failure", 2]);
    assertMatch(failed.error_reason, /^TypeError: /);
    assertEquals((await client.ask("POST /jobs/rerun", { body: of(good) })).body, []);
    await client.ask(`PATCH /jobs/${bad}`, { body: { args: [0] } });
    const again = await client.ask("POST /jobs/rerun", { body: of(bad) });
    assertEquals([again.body[0].status, again.body[0].error_reason], ["pending", null]);
    const mended = await client.ended(bad);
    assertEquals([mended.status, mended.execution_count], ["success", 3]);
  });
  await t.step("stop, start, and take no more", async () => {
    await client.ask(`PATCH /functions/${id}`, { body: { status: "stopped" } });
    const job = await client.submit(id, [0]);
    await client.ask(`PATCH /functions/${id}`, { body: { enabled: false } });
    const body = { function_id: id, args: [] };
    assertEquals((await client.ask("POST /jobs", { body })).status, 400);
    assertEquals(server.jobs.get(job)!.wire.status, "pending");
    await client.ask(`PATCH /functions/${id}`, { body: { status: "ready" } });
    assertEquals((await client.ended(job)).status, "success");
  });
  await t.step("delete: jobs, then the function", async () => {
    const body = { filter: [{ name: "function_id", op: "eq", val: id }], delete_results: true };
    const { body: gone } = await client.ask("POST /jobs/delete", { body });
    assertEquals([gone.length, server.jobs.size], [7, 0]);
    assertEquals((await client.ask(`DELETE /functions/${id}`)).status, 204);
    assertEquals((await client.ask(`GET /functions/${id}`)).status, 404);
  });
});

test("ComputeServer keeps blobs behind addresses with their own signature", async () => {
  let now = Date.now();
  await using all = await open({ now: () => now, addressMs: 1000 });
  const { client } = all;
  const { function: { id }, bundle_upload_url: url } =
    (await client.ask("POST /functions", { body: FIELDS })).body;
  const headers = { "content-type": "application/octet-stream" };
  const put = async (to: string, more: Record<string, string>, body: BodyInit = "x") => {
    const answer = await fetch(to, { method: "PUT", headers: { ...headers, ...more }, body });
    return `${answer.status} ${/<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]}`;
  };
  assertEquals(await put(url, { authorization: "Bearer x" }), "400 InvalidArgument");
  assertEquals(await put(url, { "content-type": "text/plain" }), "403 SignatureDoesNotMatch");
  assertEquals(await put(`${url}0`, {}), "403 SignatureDoesNotMatch");
  assertEquals(await put(url.replace(id, "other"), {}), "403 SignatureDoesNotMatch");
  const stream = new Blob(["x"]).stream();
  assertEquals(await put(url, {}, stream), "411 MissingContentLength");
  assertEquals(await put(url, {}), "200 undefined");
  now += 1001;
  assertEquals(await put(url, {}), "403 AccessDenied");
  const job = await client.submit(await client.deploy(SQUARE), [12]);
  await client.ended(job);
  const key = `compute/acme%3A9b1f77c0aa/${all.server.jobs.get(job)!.wire.function_id}/${job}`;
  const { body } = await client.ask(`GET /storage/download/${key}`);
  const { resumable_url } = body.data.attributes;
  const get = async (more: Record<string, string>) => {
    const answer = await fetch(resumable_url, { headers: more });
    return `${answer.status} ${await answer.text()}`;
  };
  assertEquals(await get({}), "200 144");
  assertEquals(await get({ range: "bytes=1-1" }), "206 4");
  assertMatch(await get({ authorization: "Bearer x" }), /^400 /);
  assertMatch(await get({ "if-match": '"x"' }), /^412 /);
});

test("ComputeServer gives tokens that end", async () => {
  let now = Date.now();
  await using all = await open({ now: () => now, tokenMs: 5000 });
  const { client, server } = all;
  const list = async () => (await client.ask("GET /functions")).status;
  const [, payload] = client.token.split(".");
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload!, { alphabet: "base64url" })),
  );
  assertEquals([claims.aud, claims.exp], [
    server.auth.clientId,
    Math.floor((now + 5000) / 1000),
  ]);
  assertEquals(await list(), 200);
  now += 5001;
  assertEquals(await list(), 401);
  client.token = await signIn(server);
  assertEquals(await list(), 200);
  server.auth.expire();
  assertEquals(await list(), 401);
  const post = async (body: unknown) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${server.iamUrl}/token`, init);
    return `${answer.status} ${(await answer.json()).detail}`;
  };
  const right = { client_id: server.auth.clientId, grant_type: "refresh_token" };
  assertEquals(await post({ ...right, refresh_token: "x" }), "400 invalid_grant");
  assertEquals(await post({ ...right, client_id: "x", refresh_token: "x" }), "401 invalid_client");
  assertEquals(await post(right), "422 Validation error");
});

test("ComputeServer holds credentials before it takes functions", async () => {
  await using server = await ComputeServer.start(QUICK);
  const client = new Client(server, await signIn(server));
  assertEquals((await client.ask("GET /credentials")).status, 404);
  assertEquals((await client.ask("POST /functions", { body: FIELDS })).status, 400);
  const body = { client_id: server.auth.clientId, client_secret: "x" };
  assertEquals((await client.ask("POST /credentials", { body })).status, 422);
  await Client.open(server);
  assertEquals((await client.ask("GET /credentials")).status, 200);
});

test("ComputeServer fails as it is told", async (t) => {
  await using all = await open({ slots: 1 });
  const { client, server } = all;
  const id = await client.deploy(SQUARE, { retry_count: 1 });
  const send = () => client.ask("POST /jobs/bulk", { body: bulkOf(id, [[1], [2], [3], [4]]) });
  const list = async () => (await client.ask("GET /jobs?limit=0")).status;
  const arm = (fault: Fault) => server.faults.add(fault);

  await t.step("429 with Retry-After, the next two", async () => {
    const fault = arm({ type: "status", status: 429, retryAfter: 3, times: 2, on: "GET /jobs" });
    const response = await fetch(`${server.computeUrl}/jobs`, { headers: client.headers });
    assertEquals([response.status, response.headers.get("retry-after")], [429, "3"]);
    await response.body!.cancel();
    assertEquals([await list(), await list(), fault.happened], [429, 200, 2]);
  });
  await t.step("429 without", async () => {
    arm({ type: "status", status: 429, times: 1 });
    const response = await fetch(`${server.computeUrl}/jobs`, { headers: client.headers });
    assertEquals([response.status, response.headers.has("retry-after")], [429, false]);
    await response.body!.cancel();
  });
  await t.step("500 after the effect", async () => {
    const before = server.counts.jobs;
    arm({ type: "status", status: 500, after: true, times: 1, on: /^POST/ });
    assertEquals([(await send()).status, server.counts.jobs - before], [500, 4]);
  });
  for (const [when, effect] of [["before", 0], ["after", 4]] as const) {
    await t.step(`a connection cut ${when} the effect`, async () => {
      const before = server.counts.jobs;
      arm({ type: "drop", when, times: 1, on: "POST /jobs/bulk" });
      await assertRejects(send, TypeError);
      assertEquals(server.counts.jobs - before, effect);
    });
  }
  await t.step("an upload that is refused once, and no token for a moment", async () => {
    arm({ type: "status", status: 503, times: 1, on: "PUT /bucket/{id}" });
    const { body } = await client.ask("POST /functions", { body: FIELDS });
    const bytes = await zip(SQUARE), url = body.bundle_upload_url;
    assertEquals([await upload(url, bytes), await upload(url, bytes)], [503, 200]);
    arm({ type: "status", status: 500, times: 1, on: "POST /token" });
    assertEquals<unknown>([await signIn(server), (await signIn(server)).split(".").length], [
      undefined,
      3,
    ]);
  });
  await t.step("a slow answer", async () => {
    arm({ type: "slow", ms: 60_000, times: 1 });
    const signal = AbortSignal.timeout(50), { headers } = client;
    await assertRejects(() => fetch(`${server.computeUrl}/jobs`, { headers, signal }));
    arm({ type: "slow", ms: 20, times: 1 });
    const begun = performance.now();
    assertEquals([await list(), performance.now() - begun >= 19], [200, true]);
  });
  await t.step("tokens that end early", async () => {
    arm({ type: "expire", times: 1 });
    assertEquals([await list(), await list()], [401, 401]);
    client.token = await signIn(server);
    assertEquals(await list(), 200);
  });
  await t.step("an answer in another order", async () => {
    arm({ type: "shuffle", times: 1 });
    const args = (await send()).body.map((job: { args: number[] }) => job.args[0]);
    assertEquals([args.join() === "1,2,3,4", args.toSorted()], [false, [1, 2, 3, 4]]);
  });
  await t.step("a lost result", async () => {
    await until(() => server.jobs.values().every(({ wire }) => wire.status === "success"), "all");
    arm({ type: "lose", times: 1, on: "square" });
    const job = await client.submit(id, [5]);
    assertEquals((await client.ended(job)).status, "success");
    assertEquals(await client.result(job), undefined);
  });
  await t.step("a machine that is taken away", async () => {
    arm({ type: "preempt", times: 1 });
    const job = await client.submit(id, [6]);
    const { status, execution_count } = await client.ended(job);
    assertEquals([status, execution_count], ["success", 2]);
    arm({ type: "preempt", times: 2 });
    const lost = await client.ended(await client.submit(id, [6]));
    assertEquals([lost.status, lost.exit_code, lost.error_reason], [
      "failure",
      137,
      "The process exited with code 137",
    ]);
  });
  await t.step("a build that fails", async () => {
    arm({ type: "build", times: 1 });
    const broken = await client.deploy(SQUARE);
    assertEquals(server.functions.get(broken)!.wire.status, "build_failed");
  });
  await t.step("now and then, but the same with the same seed", async () => {
    const draw = async () => {
      await using other = await ComputeServer.start({ seed: 5 });
      const fault = { type: "status", status: 500, probability: 0.5 } as const;
      other.faults.add(fault);
      return Array.from({ length: 20 }, () => other.faults.take("status", "") ? 1 : 0).join("");
    };
    const drawn = await draw();
    assertMatch(drawn, /01|10/);
    assertEquals(await draw(), drawn);
  });
});

test("ComputeServer ends with all that it has started", async () => {
  await using folder = await makeFolder();
  const { server, client } = await open({ dir: folder.path });
  const id = await client.deploy(bundleOf(
    "import os, time\ndef f():\n    os.system('sleep 60 & echo $!')\n    time.sleep(60)",
  ));
  const job = await client.submit(id, []);
  const line = await until(() => server.jobs.get(job)!.log[0], "its child");
  await within(server[Symbol.asyncDispose](), "the end", 5000);
  await until(() => hasEnded(line.log), "the child's end", 5000);
});

/** Whether a process has gone; one that nobody has taken note of yet has, too. */
async function hasEnded(pid: string): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") Z");
  return / Z/.test(stat.slice(stat.lastIndexOf(")")));
}

test("ComputeServer writes credentials where clients look for them", async () => {
  await using folder = await makeFolder();
  await using server = await ComputeServer.start();
  const path = await server.writeCredentials(folder.path);
  assertEquals(path, `${folder.path}/.earthone/token_info.json`);
  assertEquals(JSON.parse(await Deno.readTextFile(path)).client_id, server.auth.clientId);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

test("compute-server starts by hand and says what to set", async () => {
  const main = new URL("../../../tools/compute_server/main.ts", import.meta.url).pathname;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const last = /_CLIENT_SECRET=\w+\n/;
  await until(async () => last.test(text += (await reader.read()).value ?? ""), "the lines");
  const [, url] = /^export EARTHONE_COMPUTE_URL=(.*)$/m.exec(text)!;
  const response = await fetch(`${url}/jobs`);
  assertEquals(response.status, 401);
  await response.body!.cancel();
  child.kill("SIGINT");
  assertEquals((await child.status).code, 0);
  await reader.cancel();
});

test("compute-server runs a command beside it, and ends as that does", async () => {
  const main = new URL("../../../tools/compute_server/main.ts", import.meta.url).pathname;
  const run = async (...args: string[]) => {
    const all = ["run", "-A", main, ...args];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: all })
      .output();
    return [code, ...[stdout, stderr].map((bytes) => new TextDecoder().decode(bytes))];
  };
  const script = "echo $EARTHONE_IAM_URL; exit 7";
  const [code, stdout] = await run("--port", "0", "sh", "-c", script);
  assertEquals(code, 7);
  assertMatch(String(stdout), /^http:\/\/127\.0\.0\.1:\d+\/iam\n$/);
  assertEquals(await run("--ports", "1"), [
    2,
    "",
    "Cannot start with --ports 1: write --port N, --dir FOLDER or a command\n",
  ]);
});
