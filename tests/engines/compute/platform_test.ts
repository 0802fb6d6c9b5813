import { deploy } from "../../../lib/engines/compute/deploy.ts";
import { isOneOf, Platform } from "../../../lib/engines/compute/platform.ts";
import { UsageError } from "../../../lib/errors.ts";
import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "../../assert.ts";
import { makeFolder } from "../../_files.ts";
import { until } from "../../_until.ts";
import type { ComputeServer, ServerOptions } from "../../compute_server/mod.ts";
import { zip } from "../../compute_server/_client.ts";
import { enterPlatform, whyNot } from "../_platform.ts";
import { ScriptedServer } from "./_scripted.ts";

const FIELDS = {
  ...{ name: "f", image: "python3.12:latest", cpus: 1, memory: 2048 },
  ...{ maximum_concurrency: 2, timeout: 60, retry_count: 0 },
};
const SQUARE = "def f(x):\n    print('at', x)\n    return x * x\n\n\nmain = f\n";

/** What a test is given: a server, and the platform that it is. */
interface Place {
  readonly server: ComputeServer;
  readonly platform: Platform;
}

function test(
  claim: string,
  fn: (place: Place, t: Deno.TestContext) => Promise<void>,
  options: ServerOptions = {},
): void {
  Deno.test({
    name: `Platform: ${claim}${whyNot ? ` (skipped: ${whyNot})` : ""}`,
    ignore: whyNot !== undefined,
    fn: async (t) => {
      await using server = await enterPlatform(options);
      await fn({ server, platform: await Platform.open(() => {}) }, t);
    },
  });
}

/** A function that squares. */
async function deployed(platform: Platform) {
  await using folder = await makeFolder();
  const bundle = await zip({ "__dlentrypoint__.py": SQUARE });
  const note = `${folder.path}/note`;
  return await deploy(platform, { fields: FIELDS, zip: new Uint8Array(bundle), note });
}

function bulkOf(id: string, args: readonly (readonly unknown[])[], tags: readonly string[] = []) {
  return {
    ...{ function_id: id, bulk_args: args, bulk_kwargs: null, bulk_environments: null, tags },
    reference_id: crypto.randomUUID(),
  };
}

async function untilEnded(platform: Platform, ids: readonly string[]) {
  return await until(async () => {
    const jobs = await platform.jobs(ids, ["success", "failure"]);
    return jobs.length === ids.length && jobs;
  }, "the jobs end");
}

test("makes a function with the fields that are given, and has it built", async ({ server, platform }) => {
  const made = await deployed(platform);
  assertEquals(made.status, "building");
  const { id } = made;
  assertEquals({ ...made, ...FIELDS }, made);
  assertEquals(server.countOf("POST /functions"), 1);
  await until(async () => (await platform.function(id))?.status === "ready", "it is built");
  assertEquals(await platform.function("none"), undefined);
});

test("gives results, logs and ends of jobs", async ({ server, platform }) => {
  const { id, namespace } = await deployed(platform);
  const jobs = await platform.submit(bulkOf(id, [[2], [3], ["x"]], ["mine"]));
  const ended = await untilEnded(platform, jobs.map(({ id }) => id));
  const result = async (index: number) => {
    const bytes = await platform.result({ id, namespace }, jobs[index]!.id);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };
  assertEquals([await result(0), await result(1), await result(2)], [4, 9, undefined]);
  assertMatch(await platform.jobLog(jobs[0]!.id), /"log":"at 2"/);
  assertEquals(await platform.jobLog("none"), "");
  const failed = ended.find(({ status }) => status === "failure")!;
  assertMatch(failed.error_reason ?? "", /TypeError/);
  assertEquals((await platform.jobsBy([isOneOf("tags", ["mine"])])).length, 3);
  // The same request once more makes no more jobs.
  const bulk = bulkOf(id, [[1]]);
  const twice = [await platform.submit(bulk), await platform.submit(bulk)];
  assertEquals(twice[0]![0]!.id, twice[1]![0]!.id);
  await platform.rerunJobs([failed.id]);
  await until(
    async () => (await platform.jobsBy([isOneOf("id", [failed.id])]))[0]?.execution_count === 2,
    "again",
  );
  await untilEnded(platform, [...jobs.map(({ id }) => id), twice[0]![0]!.id]);
  await platform.deleteJobs([isOneOf("function_id", [id])]);
  assertEquals([server.jobs.size, await result(0)], [0, undefined]);
});

test("changes only what is given, and removes a function behind its jobs", async ({ server, platform }) => {
  const { id } = await deployed(platform);
  await until(async () => (await platform.function(id))?.status === "ready", "it is built");
  const [job] = await platform.submit(bulkOf(id, [[2]]));
  await untilEnded(platform, [job!.id]);
  await platform.changeFunction(id, { timeout: 90 });
  const changed = (await platform.function(id))!;
  assertEquals([changed.timeout, changed.maximum_concurrency], [90, 2]);
  await platform.deleteFunction(id);
  assertEquals([server.jobs.size, server.functions.size], [0, 0]);
  assertEquals(server.countOf("POST /jobs/delete"), 1);
  // One that is gone is gone.
  await platform.deleteFunction(id);
});

test("says what it refuses, with names of fields", async ({ platform }) => {
  await platform.giveCredentials();
  const wrong = { ...FIELDS, image: "python2.7:latest", memory: 1 };
  const error = await assertRejects(() => platform.createFunction(wrong), UsageError);
  assertMatch(
    error.message,
    /^The platform refuses it: .*image: .*\(422 POST \/compute\/v1\/functions\)$/,
  );
});

test("asks about many ids in several questions", async ({ server, platform }) => {
  const ids = Array.from({ length: 300 }, () => crypto.randomUUID());
  assertEquals(await platform.jobs(ids, ["success"]), []);
  assertEquals(server.countOf("GET /jobs"), 3);
});

test("renews a token that is refused, once", async ({ server, platform }) => {
  await platform.functionsNamed("f");
  server.auth.expire();
  await Promise.all([1, 2, 3, 4].map(() => platform.functionsNamed("f")));
  assertEquals(server.auth.issued, 2);
  server.faults.add({ type: "expire" });
  const error = await assertRejects(() => platform.functionsNamed("f"), UsageError);
  assertMatch(error.message, /^The platform refuses the credentials: /);
});

test("lets the platform hold the credentials", async ({ server, platform }) => {
  await platform.giveCredentials();
  assertEquals([server.auth.hasCredentials, server.countOf("POST /credentials")], [true, 1]);
});

/** A platform at a server that gives answers by itself. */
async function openAt(server: ScriptedServer): Promise<Platform> {
  const claims = new TextEncoder().encode(JSON.stringify({ exp: Date.now() / 1000 + 3600 }));
  const env = {
    EARTHONE_TOKEN: `e30.${claims.toBase64({ alphabet: "base64url", omitPadding: true })}.x`,
    EARTHONE_NO_JWT_CACHE: "true",
    EARTHONE_COMPUTE_URL: `${server.base}/compute`,
    EARTHONE_CATALOG_V2_URL: `${server.base}/catalog`,
  };
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    return await Platform.open(() => {});
  } finally {
    for (const name of Object.keys(env)) Deno.env.delete(name);
  }
}

Deno.test("Platform: follows a list with nothing but its cursor", async () => {
  const page = (data: unknown[], page_cursor: string | null) => () =>
    Response.json({ data, meta: { page_cursor } });
  await using server = new ScriptedServer([page([1], "a"), page([2], "b"), page([3], null)]);
  const platform = await openAt(server);
  assertEquals(await platform.jobsBy([isOneOf("tags", ["x"])]) as unknown[], [1, 2, 3]);
  assertEquals(server.asked.map(({ line }) => line), [
    'GET /compute/jobs?filter=[{"name":"tags","op":"eq","val":"x"}]',
    "GET /compute/jobs?page_cursor=a",
    "GET /compute/jobs?page_cursor=b",
  ]);
});

Deno.test("Platform: says who asks, but not to where files lie", async () => {
  const answers = [
    ({ line }: { line: string }) =>
      line.includes("/storage/")
        ? Response.json({ data: { attributes: { resumable_url: `${server.base}/blob` } } })
        : new Response("result"),
  ];
  await using server: ScriptedServer = new ScriptedServer(answers);
  const platform = await openAt(server);
  await platform.result({ id: "f", namespace: "acme:9" }, "j");
  const [asked, blob] = server.asked;
  assertEquals(asked!.line, "GET /catalog/storage/download/compute/acme%3A9/f/j");
  assertMatch(asked!.headers.get("authorization")!, /^Bearer /);
  assertEquals(asked!.headers.get("accept"), "application/vnd.api+json");
  assertMatch(asked!.headers.get("x-request-group")!, /^[\da-f]{32}$/);
  assertEquals(asked!.headers.get("user-agent"), "dl_jobs");
  assertEquals([blob!.line, blob!.headers.get("authorization")], ["GET /blob", null]);
});

Deno.test("Platform: has only so many requests under way", async () => {
  let now = 0, most = 0;
  await using server = new ScriptedServer([async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
    return Response.json({ data: [], meta: {} });
  }]);
  const platform = await openAt(server);
  await Promise.all(Array.from({ length: 40 }, () => platform.jobsBy([])));
  assertLess(most, 9);
  assert(most > 1);
});
