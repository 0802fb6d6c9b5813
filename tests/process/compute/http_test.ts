import {
  errorText,
  fetchAgain,
  type HttpAnswer,
  LostAnswer,
} from "../../../lib/engines/compute/http.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";

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
      ["a request that did not arrive in time", 408, {}, false, 2],
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
    await using server = serve(dripping(Array(16).fill(250)));
    const { body } = await fetchAgain(server.url, { ...request, silenceMs: 3000 });
    assertEquals([body.length, server.seen.length], [16, 1]);
  });
  await t.step("a slow upload arrives", async () => {
    const answer = async () => (await new Promise((done) => setTimeout(done, 1500)), say(200)());
    await using server = serve(answer);
    const body = "x".repeat(64 * 1024);
    const sent = await fetchAgain(server.url, { ...request, method: "PUT", body });
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
    const end = new AbortController(), { signal } = end;
    await using server = serve(() => {
      // The client waits for the time of the answer then.
      setTimeout(() => end.abort(), 200);
      return say(503, { "retry-after": "60" })();
    });
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
