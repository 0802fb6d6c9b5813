import { HttpError, LostAnswer } from "../../../../lib/engines/compute/http.ts";
import { Platform } from "../../../../lib/engines/compute/platform.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import type { Fault } from "../../../../tools/compute_server/mod.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { within } from "../../../../tools/support/until.ts";
import { thePlatform, usePlatform } from "../../../support/platform.ts";

usePlatform();

const FIELDS = {
  image: "python3.12:latest",
  ...{ cpus: 1, memory: 2048, maximum_concurrency: 1, timeout: 60, retry_count: 0 },
};

const open = () => Platform.open((text) => assert(false, text));

/** Makes a request during a fault, and returns the number of its tries. */
async function countWith<T>(fault: Fault & { on: string }, fn: () => Promise<T>) {
  const before = thePlatform().countOf(fault.on);
  const armed = thePlatform().faults.add(fault);
  try {
    const result = await fn().catch((error: Error) => error);
    return { result, count: thePlatform().countOf(fault.on) - before };
  } finally {
    armed.off();
  }
}

Deno.test("Platform creates a function once, even when the answer is lost", async (t) => {
  const platform = await open();
  await platform.giveCredentials();
  for (const when of ["before", "after"] as const) {
    await t.step(`a connection that is cut ${when} the effect`, async () => {
      const fault = { type: "drop", when, on: "POST /functions", times: 1 } as const;
      const { result, count } = await countWith(
        fault,
        () => platform.createFunction({ ...FIELDS, name: when }),
      );
      assertInstanceOf(result, LostAnswer);
      const found = await platform.functionsNamed(when);
      assertEquals([count, found.length], [1, when === "after" ? 1 : 0]);
    });
  }
  await t.step("an error after the effect", async () => {
    const fault = { type: "status", status: 502, after: true, on: "POST /functions" } as const;
    const ask = () => platform.createFunction({ ...FIELDS, name: "502" });
    const { result, count } = await countWith(fault, ask);
    assertInstanceOf(result, LostAnswer);
    assertEquals([count, result.message], [1, "Switched on: 502 (502 POST /compute/v1/functions)"]);
  });
});

Deno.test("Platform repeats requests where that is safe", async (t) => {
  const platform = await open();
  const drops = ["before", "after"].map((when) => ({ type: "drop", when }) as Fault);
  for (const fault of [...drops, { type: "status", status: 500 } as Fault]) {
    await t.step(JSON.stringify(fault), async () => {
      const { result } = await countWith(
        { ...fault, on: "GET /functions", times: 1 },
        () => platform.functionsNamed("absent"),
      );
      assertEquals(result, []);
    });
  }
});

Deno.test("Platform renews a refused token once, then reports it", async () => {
  const platform = await open(), { auth } = thePlatform();
  await platform.functionsNamed("x");
  const issued = auth.issued;
  auth.expire();
  await Promise.all(["a", "b", "c"].map((name) => platform.functionsNamed(name)));
  assertEquals(auth.issued, issued + 1);
  const { result, count } = await countWith(
    { type: "status", status: 401, on: "GET /functions" },
    () => platform.functionsNamed("x"),
  );
  assertInstanceOf(result, UsageError);
  assertEquals(
    [count, auth.issued, result.message],
    [
      2,
      issued + 2,
      "The platform refused the credentials: Switched on: 401 (401 GET /compute/v1/functions), log in again",
    ],
  );
});

Deno.test("Platform returns undefined for missing things, and throws on refusals", async () => {
  const platform = await open();
  assertEquals(await platform.function("none"), undefined);
  assertEquals(await platform.job("none"), undefined);
  assertEquals(await platform.jobLog("none"), undefined);
  assertEquals(await platform.buildLog("none"), "");
  assertEquals(await platform.result({ id: "none", namespace: "acme:me" }, "none"), undefined);
  await assertRejects(
    () => platform.changeFunction("none", { timeout: 60 }),
    HttpError,
    "404 PATCH",
  );
  const bad = () => platform.createFunction({ ...FIELDS, name: "bad", cpus: 3 });
  await assertRejects(bad, UsageError, "The platform refused the request: ");
});

Deno.test("Platform deletes the jobs of a function before the function", async () => {
  const platform = await open(), server = thePlatform();
  await platform.giveCredentials();
  const { function: { id } } = await platform.createFunction({ ...FIELDS, name: "gone" });
  const before = server.countOf("POST /jobs/delete");
  const fault = { type: "status", status: 400, on: "DELETE /functions/{id}", times: 1 } as const;
  const { result } = await countWith(fault, () => platform.deleteFunction(id));
  assertInstanceOf(result, UsageError);
  assertEquals(server.countOf("POST /jobs/delete"), before + 1);
  await platform.deleteFunction(id);
  assertEquals(await platform.function(id), undefined);
  await platform.deleteFunction(id);
});

Deno.test("Platform deletes a function only when it has no jobs", async () => {
  const platform = await open(), server = thePlatform();
  await platform.giveCredentials();
  const { function: { id } } = await platform.createFunction({ ...FIELDS, name: "unused" });
  const request = {
    ...{ function_id: id, bulk_args: [[0]], bulk_kwargs: null, bulk_environments: null, tags: [] },
    reference_id: crypto.randomUUID(),
  };
  const [job] = await platform.submit(request);
  const before = server.countOf("DELETE /functions/{id}");
  assertEquals(await platform.deleteUnused(id), false);
  assertEquals(server.countOf("DELETE /functions/{id}"), before);
  await platform.deleteJobs([{ name: "id", op: "eq", val: job!.id }]);
  const refusal = { type: "status", status: 400, on: "DELETE /functions/{id}", times: 1 } as const;
  assertEquals((await countWith(refusal, () => platform.deleteUnused(id))).result, false);
  assertEquals(await platform.deleteUnused(id), true);
  assertEquals(await platform.deleteUnused(id), true);
});

/** The record of a request. */
type Seen = Pick<Request, "method" | "url" | "headers">;

/** Returns a minimal platform, and the requests that it receives. */
async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  fn: (platform: Platform, seen: readonly Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { method, url, headers } = request;
    seen.push({ method, url, headers: new Headers(headers) });
    return answer(request);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  using _env = useEnv({ EARTHONE_COMPUTE_URL: url, EARTHONE_CATALOG_V2_URL: url });
  await fn(await open(), seen);
}

const queryOf = ({ url }: Seen) => [...new URL(url).searchParams];

Deno.test("Platform requests the next page with the cursor alone", async () => {
  const pages = [
    { data: [{ id: "a" }], meta: { page_cursor: "next+1" } },
    { data: [], meta: { page_cursor: "next+2" } },
    { data: [{ id: "b" }], meta: { page_cursor: null } },
  ];
  await withServer(() => Response.json(pages.shift()), async (platform, seen) => {
    assertEquals((await platform.functionsNamed("x")).map(({ id }) => id), ["a", "b"]);
    assertEquals(seen.map(queryOf), [
      [["filter", '[{"name":"name","op":"eq","val":"x"}]'], ["sort", "-creation_date"]],
      [["page_cursor", "next+1"]],
      [["page_cursor", "next+2"]],
    ]);
  });
});

Deno.test("Platform ends a list whose next page is the same one", async () => {
  const page = { data: [{ id: "a" }], meta: { page_cursor: "again" } };
  await withServer(() => Response.json(page), async (platform, seen) => {
    await assertRejects(() => within(platform.functionsNamed("x"), "the end"), LostAnswer);
    assertEquals(seen.length, 2);
  });
});

Deno.test("Platform searches for jobs in a stable order, on one page a request", async () => {
  const data = [null, { id: "a", status: "success" }];
  await withServer(() => Response.json({ data }), async (platform, seen) => {
    assertEquals((await platform.jobs(["a", "b"], ["success"])).map(({ id }) => id), ["a"]);
    assertEquals(seen.map((one) => queryOf(one).slice(1)), [[["sort", "id"], [
      "page_size",
      "100",
    ]]]);
  });
});

Deno.test("Platform takes an answer in another format for a lost answer", async () => {
  const bodies = ["<html>log in</html>", "{}", "null", '{"data":{}}', "[", ""];
  for (const body of bodies) {
    await withServer(() => new Response(body), async (platform) => {
      await assertRejects(() => platform.jobs(["a"], ["success"]), LostAnswer);
      await assertRejects(() => platform.submit({} as never), LostAnswer);
      await assertRejects(() => platform.job("a"), LostAnswer);
      await assertRejects(() => platform.function("a"), LostAnswer);
      await assertRejects(() => platform.createFunction({ ...FIELDS, name: "a" }), LostAnswer);
      await assertRejects(() => platform.result({ id: "f", namespace: "n" }, "a"), LostAnswer);
      await assertRejects(() => platform.deleteJobs([]), LostAnswer);
    });
  }
});

Deno.test("Platform sends the headers of the platform's own client", async () => {
  await withServer(() => Response.json({ data: [] }), async (_, seen) => {
    const platform = await Platform.open(() => {}, "python3.13:latest");
    await platform.jobsBy([]);
    const { headers } = seen[0]!;
    assertMatch(
      headers.get("user-agent")!,
      /^earthone-python\/\d+\.\d+\.\d+ dl_jobs\/\d+\.\d+\.\d+$/,
    );
    assertMatch(headers.get("x-platform")!, /^Linux-\w+$/);
    const names = ["x-python", "x-conda", "x-notebook"];
    assertEquals(names.map((name) => headers.get(name)), ["3.13.0", "False", "False"]);
  });
});

Deno.test("Platform changes the status of a function in a request of its own", async () => {
  const bodies: unknown[] = [];
  const answer = async (request: Request) => {
    bodies.push(await request.json());
    return Response.json({});
  };
  await withServer(answer, async (platform) => {
    await platform.changeFunction("f", { timeout: 60, status: "ready", retry_count: 0 });
    await platform.changeFunction("f", { status: "ready" });
    await platform.changeFunction("f", {});
  });
  assertEquals(bodies, [{ timeout: 60, retry_count: 0 }, { status: "ready" }, { status: "ready" }]);
});

Deno.test("Platform asks for 100 ids in a request, and makes 8 requests at the same time", async () => {
  let now = 0, most = 0;
  const release = Promise.withResolvers<void>();
  const answer = async (request: Request) => {
    most = Math.max(most, ++now);
    if (now === 8) release.resolve();
    await release.promise;
    now--;
    const [{ or }] = JSON.parse(queryOf(request)[0]![1]);
    return Response.json({ data: or.map(({ val }: { val: string }) => ({ id: val })), meta: {} });
  };
  await withServer(answer, async (platform, seen) => {
    const ids = Array.from({ length: 100 * 20 + 2 }, (_, i) => `job-${i}`);
    assertEquals((await platform.jobs(ids, ["success"])).map(({ id }) => id), ids);
    assertEquals([seen.length, most], [21, 8]);
  });
});

Deno.test("Platform sends its token to the platform only", async () => {
  const answer = ({ url }: Request) =>
    url.includes("/storage/")
      ? Response.json({ data: { attributes: { resumable_url: new URL("/store", url).href } } })
      : Response.json({ id: "f", status: "building" });
  await withServer(answer, async (platform, seen) => {
    const store = `${Deno.env.get("EARTHONE_COMPUTE_URL")}/store`;
    await platform.upload("f", store, new Uint8Array(3));
    await platform.result({ id: "f", namespace: "acme:me" }, "j");
    const shown = seen.map(({ method, url, headers }) => [
      `${method} ${new URL(url).pathname}`,
      headers.has("authorization"),
      headers.get("content-length"),
    ]);
    assertEquals(shown, [
      ["PUT /store", false, "3"],
      ["POST /functions/f/bundle", true, "0"],
      ["GET /storage/download/compute/acme%3Ame/f/j", true, null],
      ["GET /store", false, null],
    ]);
  });
});

Deno.test("Platform never shows the secret, even if a server repeats it", async () => {
  const echo = async (request: Request) =>
    new Response(`${await request.text()} ${request.headers.get("authorization")}`, {
      status: 400,
    });
  await withServer(echo, async (platform) => {
    const { message } = await assertRejects(() => platform.giveCredentials(), UsageError);
    assert(!message.includes(thePlatform().auth.clientSecret), message);
    assert(!/eyJ/.test(message), message);
  });
});
