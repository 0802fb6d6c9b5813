/**
 * Functions of the server: their builds and their calls.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../../../support/assert.ts";
import { until } from "../../../../tools/support/until.ts";
import { FIELDS, upload, zip } from "../../../support/compute_client.ts";
import { bundleOf, open, SQUARE, test } from "./bundles.ts";

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
  // Jobs may be submitted while the function is built.
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
  const key = `compute/${created.namespace}/${created.id}/${id}`;
  const blob = await client.ask(`GET /storage/${key.replace(":", "%3A")}`);
  assertEquals([blob.status, blob.body.data.id, blob.body.data.attributes], [200, key, {
    storage_type: "compute",
    namespace: created.namespace,
    name: `${created.id}/${id}`,
    storage_state: "available",
    size_bytes: 2,
    hash: `"${key}"`,
  }]);
  assertEquals((await client.ask("GET /storage/compute/a/b/none")).status, 404);
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
  await t.step("all its output is in the log, in order", async () => {
    const job = await client.submit(id, ["err"]);
    await client.ended(job);
    const { body } = await client.ask(`GET /jobs/${job}/log`);
    const lines = String(body).trim().split("\n").map((line) => JSON.parse(line).log);
    assertEquals(lines, ["out", "err", "child"]);
  });
});

test("ComputeServer builds functions, and reports why a build failed", async (t) => {
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
      "an invalid requirement",
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
  await t.step("no bundle", async () => {
    const { body } = await client.ask("POST /functions", { body: FIELDS });
    assertEquals((await client.ask(`POST /functions/${body.function.id}/bundle`)).status, 400);
  });
});
