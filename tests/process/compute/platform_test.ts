import { deploy } from "../../../lib/engines/compute/deploy.ts";
import { Platform } from "../../../lib/engines/compute/platform.ts";
import { isOneOf } from "../../../lib/engines/compute/records.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { until } from "../../../tools/support/until.ts";
import type { ComputeServer, ServerOptions } from "../../../tools/compute_server/mod.ts";
import { zip } from "../../support/compute_client.ts";
import { enterPlatform, whyNot } from "../../support/platform.ts";
import { skipSuffix } from "../../support/programs.ts";

const FIELDS = {
  ...{ name: "f", image: "python3.12:latest", cpus: 1, memory: 2048 },
  ...{ maximum_concurrency: 2, timeout: 60, retry_count: 0 },
};
const SQUARE = "def f(x):\n    print('at', x)\n    return x * x\n\n\nmain = f\n";

/** A server, and a client of its platform. */
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
    name: `Platform: ${claim}${skipSuffix(whyNot)}`,
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

test("creates a function with its fields, and requests its build", async ({ server, platform }) => {
  const made = await deployed(platform);
  assertEquals(made.status, "building");
  const { id } = made;
  assertEquals({ ...made, ...FIELDS }, made);
  assertEquals(server.countOf("POST /functions"), 1);
  await until(async () => (await platform.function(id))?.status === "ready", "it is built");
  assertEquals(await platform.function("none"), undefined);
});

test("returns results, logs and statuses of jobs", async ({ server, platform }) => {
  const { id, namespace } = await deployed(platform);
  const jobs = await platform.submit(bulkOf(id, [[2], [3], ["x"]], ["mine"]));
  const ended = await untilEnded(platform, jobs.map(({ id }) => id));
  const result = async (index: number) => {
    const bytes = await platform.result({ id, namespace }, jobs[index]!.id);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };
  assertEquals([await result(0), await result(1), await result(2)], [4, 9, undefined]);
  assertMatch(await platform.jobLog(jobs[0]!.id) ?? "", /"log":"at 2"/);
  assertEquals(await platform.jobLog("none"), undefined);
  const failed = ended.find(({ status }) => status === "failure")!;
  assertMatch(failed.error_reason ?? "", /TypeError/);
  assertEquals((await platform.jobsBy([isOneOf("tags", ["mine"])])).length, 3);
  // A second request with the same reference creates no more jobs.
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

test("changes only the given fields, and removes a function after its jobs", async ({ server, platform }) => {
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
  // Removing it once more succeeds.
  await platform.deleteFunction(id);
});

test("names the fields of a request that it refuses", async ({ platform }) => {
  await platform.giveCredentials();
  const wrong = { ...FIELDS, image: "python2.7:latest", memory: 1 };
  const error = await assertRejects(() => platform.createFunction(wrong), UsageError);
  assertMatch(
    error.message,
    /^The platform refused the request: .*image: .*\(422 POST \/compute\/v1\/functions\)$/,
  );
});

test("hands the credentials over to the platform", async ({ server, platform }) => {
  await platform.giveCredentials();
  assertEquals([server.auth.hasCredentials, server.countOf("POST /credentials")], [true, 1]);
});
