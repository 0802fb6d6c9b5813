import {
  errorText,
  fetchAgain,
  type HttpAnswer,
  HttpError,
  LostAnswer,
} from "../../../../lib/engines/compute/http.ts";
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
import { thePlatform, usePlatform } from "../../../support/platform.ts";

usePlatform();

/** Returns a server with some answers, one after the other. */
function serve(...answers: readonly (() => Response | Promise<Response>)[]) {
  const seen: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ method }) => {
    seen.push(method);
    return answers[Math.min(seen.length, answers.length) - 1]!();
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, seen, [Symbol.asyncDispose]: () => server.shutdown() };
}

const say = (status: number, headers: HeadersInit = {}) => () =>
  new Response(`status ${status}`, { status, headers });
const AT_ONCE = { "retry-after": "0" };
const LONG_AGO = { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" };

Deno.test("fetchAgain() repeats requests where that is useful and safe", async (t) => {
  const cases: [name: string, status: number, headers: HeadersInit, isSafe: boolean, n: number][] =
    [
      ["too many requests, at another time", 429, AT_ONCE, false, 2],
      ["too many requests, by a date", 429, LONG_AGO, false, 2],
      ["too many requests", 429, {}, false, 2],
      ["not now", 503, {}, false, 2],
      ["forbidden", 403, {}, true, 1],
      ["forbidden for now", 403, AT_ONCE, false, 2],
      ["too much", 413, {}, true, 1],
      ["too much for now", 413, AT_ONCE, false, 2],
      ["an error", 500, {}, true, 2],
      ["a bad gateway", 502, {}, true, 2],
      ["a gateway that waited", 504, {}, true, 2],
      ["an error, after who knows what", 500, AT_ONCE, false, 1],
      ["a bad gateway, after who knows what", 502, {}, false, 1],
      ["a gateway that waited, after who knows what", 504, {}, false, 1],
      ["nothing there", 404, AT_ONCE, true, 1],
      ["refused", 422, AT_ONCE, true, 1],
    ];
  for (const [name, status, headers, isSafe, count] of cases) {
    await t.step(name, async () => {
      await using server = serve(say(status, headers), say(200));
      const answer = await fetchAgain(server.url, { method: "POST", body: "x", isSafe });
      assertEquals([server.seen.length, answer.status], [count, count === 1 ? status : 200]);
    });
  }
});

Deno.test("fetchAgain() waits for the time that the server sets", async () => {
  await using server = serve(say(429, { "retry-after": "1" }), say(200));
  const start = performance.now();
  await fetchAgain(server.url, { method: "GET", isSafe: true });
  assert(performance.now() - start >= 1000);
});

Deno.test("fetchAgain() returns the last answer when it gives up", async () => {
  await using server = serve(say(503, AT_ONCE));
  const { status, body } = await fetchAgain(server.url, { method: "GET", isSafe: true });
  assertEquals([status, new TextDecoder().decode(body)], [503, "status 503"]);
  assertEquals(server.seen.length, 7);
});

/** Returns an answer of some chunks, each after a pause in milliseconds. */
function dripping(pauses: readonly number[]): () => Response {
  return () => {
    const left = [...pauses];
    const body = new ReadableStream({
      async pull(controller) {
        const ms = left.shift();
        if (ms === undefined) return controller.close();
        await new Promise((resolve) => setTimeout(resolve, ms));
        controller.enqueue(new TextEncoder().encode("x"));
      },
    });
    return new Response(body);
  };
}

Deno.test("fetchAgain() limits the silence of a server, and not the length of a request", async (t) => {
  const request = { method: "GET", isSafe: true, silenceMs: 1000 } as const;
  await t.step("a slow transfer arrives", async () => {
    await using server = serve(dripping(Array(15).fill(100)));
    const { body } = await fetchAgain(server.url, request);
    assertEquals([body.length, server.seen.length], [15, 1]);
  });
  await t.step("a slow upload arrives", async () => {
    const answer = async () => (await new Promise((done) => setTimeout(done, 1500)), say(200)());
    await using server = serve(answer);
    const body = "x".repeat(64 * 1024);
    const sent = await fetchAgain(server.url, { ...request, method: "PUT", body, silenceMs: 300 });
    assertEquals([sent.status, server.seen.length], [200, 1]);
  });
  await t.step("silence in the middle is repeated", async () => {
    await using server = serve(dripping([0, 2000]), say(200));
    const { body } = await fetchAgain(server.url, request);
    assertEquals([new TextDecoder().decode(body), server.seen.length], ["status 200", 2]);
  });
  await t.step("silence before the answer is repeated where that is safe", async () => {
    const silent = async () => (await new Promise((resolve) =>
      setTimeout(resolve, 2000)
    ),
      say(200)());
    await using server = serve(silent);
    const { message } = await assertRejects(
      () => fetchAgain(server.url, { ...request, isSafe: false }),
      LostAnswer,
    );
    assertMatch(message, /does not answer: nothing has arrived for 1 seconds$/);
  });
  await t.step("the rest of a body that is too long is dropped", async () => {
    await using server = serve(dripping([0, 0, 0, 0, 2 ** 30]));
    const { body } = await fetchAgain(server.url, { ...request, maxBytes: 3 });
    assertEquals(body.length, 3);
  });
  await t.step("an abort ends the retries", async () => {
    await using server = serve(say(503, { "retry-after": "60" }));
    const signal = AbortSignal.timeout(200);
    await assertRejects(() => fetchAgain(server.url, { ...request, signal }), LostAnswer);
    assertEquals(server.seen.length, 1);
  });
});

const URL_OF = "https://host/compute/v1/jobs?filter=x";
const answerOf = (body: unknown): HttpAnswer => ({
  status: 422,
  headers: new Headers(),
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
});

Deno.test("errorText() returns the server's own words", async (t) => {
  const cases: [name: string, body: unknown, words: string][] = [
    ["a text", { detail: "no such thing" }, "no such thing"],
    [
      "details",
      { detail: [{ loc: ["body", "cpus"], msg: "too many", input: 99 }, { code: 7 }] },
      'body.cpus: too many; {"code":7}',
    ],
    ["a detail with a structure", { detail: { code: 7 } }, '{"code":7}'],
    [
      "fields",
      { detail: "Validation error", errors: { cpus: ["too many", "odd"], name: ["missing"] } },
      "Validation error; cpus: too many, odd; name: missing",
    ],
    [
      "those of the catalog",
      { errors: [{ title: "Not found", detail: "no such blob" }, { title: "Odd" }] },
      "Not found no such blob; Odd",
    ],
    ["of a gateway", { message: "Forbidden" }, '{"message":"Forbidden"}'],
    ["no detail", { detail: null, errors: { cpus: "odd" } }, "cpus: odd"],
    ["a page", " <html>Bad Gateway</html>\n", "<html>Bad Gateway</html>"],
  ];
  for (const [name, body, words] of cases) {
    await t.step(name, () => {
      const text = errorText(answerOf(body), "GET", URL_OF);
      assertEquals(text, `${words} (422 GET /compute/v1/jobs)`);
    });
  }
  assertEquals(errorText(answerOf(""), "GET", URL_OF), "422 GET /compute/v1/jobs");
});

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
  const seen: Seen[] = [], before = Deno.env.toObject();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { method, url, headers } = request;
    seen.push({ method, url, headers: new Headers(headers) });
    return answer(request);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const names = ["EARTHONE_COMPUTE_URL", "EARTHONE_CATALOG_V2_URL"];
  for (const name of names) Deno.env.set(name, url);
  try {
    await fn(await open(), seen);
  } finally {
    for (const name of names) Deno.env.set(name, before[name]!);
  }
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
