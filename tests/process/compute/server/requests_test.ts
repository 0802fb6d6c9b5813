/**
 * Requests that the server refuses, and credentials that it requires.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "../../../support/assert.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { Client, FIELDS, type RequestParts, signIn } from "../../../support/compute_client.ts";
import { ComputeServer } from "../../../../tools/compute_server/mod.ts";
import { bulkOf, open, QUICK, test } from "./bundles.ts";

test("ComputeServer refuses invalid requests and returns the reason", async (t) => {
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
      "X-Client-Session": ["Not in the format ^[0-9a-f]{32}$"],
    }],
    ["GET /jobs", { headers: { "x-request-group": "1" } }, 422, {
      "X-Request-Group": ["Not in the format ^[0-9a-f]{32}$"],
    }],
    ["GET /jobs", { headers: { "user-agent": "client" } }, 422, {
      "User-Agent": ["Not in the format ^[\\w.-]+\\/\\d+\\.\\d+"],
    }],
    ["GET /jobs", { headers: { "x-notebook": "false" } }, 422, {
      "X-Notebook": ["Not in the format ^(True|False)$"],
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
    [`PATCH /functions/${id}`, { body: { status: "ready", timeout: 60 } }, 400, /awaiting/.source],
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

test("ComputeServer issues tokens that expire", async () => {
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

test("ComputeServer requires stored credentials before it accepts functions", async () => {
  await using server = await ComputeServer.start(QUICK);
  const client = new Client(server, await signIn(server));
  assertEquals((await client.ask("GET /credentials")).status, 404);
  assertEquals((await client.ask("POST /functions", { body: FIELDS })).status, 400);
  const body = { client_id: server.auth.clientId, client_secret: "x" };
  assertEquals((await client.ask("POST /credentials", { body })).status, 422);
  await Client.open(server);
  assertEquals((await client.ask("GET /credentials")).status, 200);
});

test("ComputeServer writes credentials to the file that clients read", async () => {
  await using folder = await makeFolder();
  await using server = await ComputeServer.start();
  const path = await server.writeCredentials(folder.path);
  assertEquals(path, `${folder.path}/.earthone/token_info.json`);
  assertEquals(JSON.parse(await Deno.readTextFile(path)).client_id, server.auth.clientId);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});
