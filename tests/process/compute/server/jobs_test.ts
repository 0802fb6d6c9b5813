/**
 * Jobs of the server and their data.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../../../support/assert.ts";
import { until } from "../../../../tools/support/until.ts";
import { FIELDS } from "../../../support/compute_client.ts";
import { bulkOf, bundleOf, open, SQUARE, test } from "./bundles.ts";

test("ComputeServer creates the jobs of a request once", async () => {
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
    // The service's guide spells the name like this.
    assertEquals((await client.ask("GET /functions?include=job_statistics")).body, body);
    const one = await client.ask(`GET /functions/${body.data[0].id}?include=job_statistics`);
    assertEquals(one.body.job_statistics, counted[0]);
  });
});

const SLEEP = bundleOf("import time\ndef f(s):\n    print('on', flush=True)\n    time.sleep(s)");

test("ComputeServer limits the number of jobs that run at a time", async (t) => {
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

test("ComputeServer cancels, reruns and deletes jobs", async (t) => {
  await using all = await open({ slots: 1 });
  const { client, server } = all;
  const id = await client.deploy(SLEEP, { timeout: 1, retry_count: 1 });
  const of = (job: string) => ({ filter: [{ name: "id", op: "eq", val: job }] });
  const on = (job: string) => until(() => server.jobs.get(job)!.log.length > 0, "it runs");

  await t.step("a job that exceeds its timeout is not retried", async () => {
    const { status, error_reason, exit_code, execution_count, runtime } = await client.ended(
      await client.submit(id, [60]),
    );
    assertEquals({ status, error_reason, exit_code, execution_count }, {
      status: "timeout",
      error_reason: "Job exceeded its timeout of 1 seconds",
      exit_code: 137,
      execution_count: 1,
    });
    assert(runtime >= 1, `${runtime} s`);
  });
  await t.step("cancel: running jobs after a delay, pending ones at once", async () => {
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
  await t.step("rerun: only the failed jobs", async () => {
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
  await t.step("a stopped function queues its jobs, and a disabled one refuses them", async () => {
    const both = { status: "stopped", timeout: 60 };
    assertEquals((await client.ask(`PATCH /functions/${id}`, { body: both })).status, 422);
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

test("ComputeServer serves blobs only at signed addresses", async () => {
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
