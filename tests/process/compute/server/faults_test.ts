/**
 * Faults of the server on demand, its processes and its command.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects } from "../../../support/assert.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { FIELDS, signIn, upload, zip } from "../../../support/compute_client.ts";
import { ComputeServer, type Fault } from "../../../../tools/compute_server/mod.ts";
import { bulkOf, bundleOf, open, SQUARE, test } from "./bundles.ts";

test("ComputeServer injects faults on demand", async (t) => {
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
  await t.step("429 without Retry-After", async () => {
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
    const slow = arm({ type: "slow", ms: 3_600_000, times: 1 });
    const end = new AbortController(), { signal } = end, { headers } = client;
    const asked = fetch(`${server.computeUrl}/jobs`, { headers, signal });
    await until(() => slow.happened > 0, "the request is there");
    end.abort();
    await assertRejects(() => asked);
    arm({ type: "slow", ms: 20, times: 1 });
    const begun = performance.now();
    assertEquals([await list(), performance.now() - begun >= 19], [200, true]);
  });
  await t.step("tokens that expire early", async () => {
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
  await t.step("a machine that is lost", async () => {
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
  await t.step("a fault with a probability, repeatable with the same seed", async () => {
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

test("ComputeServer ends all processes that it has started", async () => {
  await using folder = await makeFolder();
  const { server, client } = await open({ dir: folder.path });
  const id = await client.deploy(bundleOf(
    "import os, time\ndef f():\n    os.system('sleep 600 & echo $!')\n    time.sleep(600)",
  ));
  const job = await client.submit(id, []);
  const line = await until(() => server.jobs.get(job)!.log[0], "its child");
  await within(server[Symbol.asyncDispose](), "the end");
  await until(() => hasEnded(line.log), "the child's end");
});

/** Returns true when a process has ended, even if its parent has not waited for it. */
async function hasEnded(pid: string): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") Z");
  return / Z/.test(stat.slice(stat.lastIndexOf(")")));
}

test("compute-server starts by hand and prints the variables to set", async () => {
  const main = new URL("../../../../tools/compute_server/main.ts", import.meta.url).pathname;
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

test("compute-server runs a command, and ends with its status", async () => {
  const main = new URL("../../../../tools/compute_server/main.ts", import.meta.url).pathname;
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
