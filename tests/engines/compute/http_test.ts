import {
  errorText,
  fetchAgain,
  LostAnswer,
  type Request,
} from "../../../lib/engines/compute/http.ts";
import { ComputeServer } from "../../compute_server/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { ScriptedServer } from "./_scripted.ts";

const GET: Request = { method: "GET", isSafe: true };
const UNSAFE: Request = { method: "POST", body: "{}", isSafe: false };

function status(code: number, headers: Record<string, string> = {}): () => Response {
  return () => new Response("words", { status: code, headers });
}

Deno.test("fetchAgain() asks again where that helps and does no harm", async (t) => {
  const soon = { "retry-after": "0" };
  const cases: [string, Request, () => Response, number][] = [
    ["429", UNSAFE, status(429), 2],
    ["429 with a time", UNSAFE, status(429, soon), 2],
    ["503", UNSAFE, status(503), 2],
    ["503 with a date", GET, status(503, { "retry-after": new Date().toUTCString() }), 2],
    ["500", GET, status(500), 2],
    ["500 of what may have been done", UNSAFE, status(500), 1],
    ["502", GET, status(502), 2],
    ["504", GET, status(504), 2],
    ["403", GET, status(403), 1],
    ["403 with a time", UNSAFE, status(403, soon), 2],
    ["413", GET, status(413), 1],
    ["413 with a time", GET, status(413, soon), 2],
    ["404", GET, status(404), 1],
    ["422", GET, status(422), 1],
  ];
  for (const [name, request, first, asked] of cases) {
    await t.step(name, async () => {
      await using server = new ScriptedServer([first, () => new Response("done")]);
      const answer = await fetchAgain(server.base, request);
      assertEquals(server.asked.length, asked);
      const expected = asked === 2 ? [200, "done"] : [first().status, "words"];
      assertEquals([answer.status, new TextDecoder().decode(answer.body)], expected);
    });
  }
});

Deno.test("fetchAgain() waits as long as it is told", async () => {
  const answers = [status(429, { "retry-after": "1" }), () => new Response("done")];
  await using server = new ScriptedServer(answers);
  const began = performance.now();
  await fetchAgain(server.base, GET);
  assert(performance.now() - began >= 1000);
});

Deno.test("fetchAgain() gives the last answer, with its words, when none is good", async () => {
  // Told to wait no time, it is through at once.
  await using server = new ScriptedServer([status(503, { "retry-after": "0" })]);
  const answer = await fetchAgain(server.base, GET);
  assertEquals([answer.status, new TextDecoder().decode(answer.body)], [503, "words"]);
  assertEquals(server.asked.length, 7);
});

Deno.test("a request that may have been done is made once, whatever happens to its answer", async (t) => {
  await using server = await ComputeServer.start();
  for (const when of ["before", "after"] as const) {
    await t.step(when, async () => {
      // A connection that was used before is one on which a request could be sent again.
      await fetchAgain(`${server.computeUrl}/functions`, GET);
      const drop = server.faults.add({ type: "drop", when, on: "POST /functions", times: 1 });
      const before = server.countOf("POST /functions");
      await assertRejects(() => fetchAgain(`${server.computeUrl}/functions`, UNSAFE), LostAnswer);
      assertEquals([drop.happened, server.countOf("POST /functions") - before], [1, 1]);
    });
  }
});

Deno.test("a request that does no harm is made again when its answer is lost", async () => {
  await using server = await ComputeServer.start();
  const drop = server.faults.add({ type: "drop", when: "after", on: "GET /jobs", times: 3 });
  assertEquals((await fetchAgain(`${server.computeUrl}/jobs`, GET)).status, 401);
  assertEquals(drop.happened, 3);
});

Deno.test("fetchAgain() says who does not answer", async () => {
  let base = "";
  {
    await using server = new ScriptedServer([status(200)]);
    base = server.base;
  }
  const error = await assertRejects(() => fetchAgain(base, UNSAFE), LostAnswer);
  assertStringIncludes(error.message, `${base.slice("http://".length)} does not answer: `);
});

Deno.test("errorText() has the server's own words", async (t) => {
  const cases: [string, string, string][] = [
    ["a detail", '{"detail":"Not found"}', "Not found (422 GET /jobs)"],
    [
      "fields",
      '{"detail":"Validation error","errors":{"memory":["Not allowed for 1 cpu"],"image":["Unknown"]}}',
      "Validation error; memory: Not allowed for 1 cpu; image: Unknown (422 GET /jobs)",
    ],
    [
      "a list of details",
      '{"detail":[{"loc":["body","cpus"],"msg":"not a number","type":"x"}]}',
      "body.cpus: not a number (422 GET /jobs)",
    ],
    [
      "JSON:API",
      '{"errors":[{"status":"422","title":"Bad","detail":"no such blob"}],"jsonapi":{"version":"1.0"}}',
      "Bad no such blob (422 GET /jobs)",
    ],
    ["text", "<h1>Bad gateway</h1>", "<h1>Bad gateway</h1> (422 GET /jobs)"],
    ["nothing", "", "422 GET /jobs"],
  ];
  for (const [name, body, expected] of cases) {
    await t.step(name, () => {
      const answer = { status: 422, headers: new Headers(), body: new TextEncoder().encode(body) };
      assertEquals(errorText(answer, "GET", "http://example.org/jobs?secret=1"), expected);
    });
  }
});
