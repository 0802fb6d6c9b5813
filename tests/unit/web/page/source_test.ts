import { lastOf, reportSource, SERVER } from "../../../../lib/web/page/source.ts";
import type { ReportData } from "../../../../lib/web/protocol.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../../support/assert.ts";

Deno.test("lastOf() passes on the last of the states that arrive at once", async () => {
  const heard: string[] = [], turn = () => new Promise((resolve) => setTimeout(resolve));
  const hear = lastOf((text) => heard.push(text));
  for (const text of ["a", "b", "c"]) hear(text);
  assertEquals(heard, []);
  await turn();
  hear("d");
  await turn();
  assertEquals(heard, ["c", "d"]);
});

Deno.test("SERVER asks for no job that it deletes, unless the server refuses", async () => {
  const asked: string[] = [], answer = Promise.withResolvers<Response>();
  const { fetch } = globalThis;
  globalThis.fetch = (path) => {
    asked.push(String(path));
    return asked.length === 1 ? answer.promise : Promise.resolve(Response.json({ id: 3 }));
  };
  try {
    const deletion = SERVER.act("a", "delete"), early = SERVER.task("a", 3);
    assertEquals((await SERVER.task("b", 3)).id, 3);
    answer.resolve(Response.json({}));
    assertEquals(await deletion, undefined);
    await assertRejects(() => early, Error, "The job is deleted");
    assertEquals(asked, ["jobs/a/delete?", "jobs/b/task/3"]);
    globalThis.fetch = () => Promise.resolve(Response.json({ error: "it runs", id: 3 }));
    assertEquals(await SERVER.act("b", "delete"), "it runs");
    assertEquals((await SERVER.task("b", 3)).id, 3);
  } finally {
    globalThis.fetch = fetch;
  }
});

Deno.test("SERVER says why a request has no answer", async () => {
  const { fetch } = globalThis, refused = "The token in the URL is missing or outdated.";
  const cases: [answer: () => Promise<Response>, message: string][] = [
    [() => Promise.reject(new TypeError("Failed to fetch")), "Cannot reach the server: start"],
    [() => Promise.resolve(new Response(`${refused}\n`, { status: 403 })), refused],
    [() => Promise.resolve(Response.json({ error: "it is gone" }, { status: 409 })), "it is gone"],
  ];
  try {
    for (const [answer, message] of cases) {
      globalThis.fetch = answer;
      await assertRejects(() => SERVER.task("j", 3), Error, message);
      assertStringIncludes(await SERVER.act("j", "pause") ?? "", message);
    }
  } finally {
    globalThis.fetch = fetch;
  }
});

Deno.test("a report has the number of the attempt that succeeded", async () => {
  const rows = [{ id: 1, result: 7 }, { id: 2, attempt: 3, result: 8 }];
  const report = {
    snapshot: { failures: { groups: [] } },
    sample: { rows, of: 2 },
    logs: [],
    slow: [],
    args: {},
  } as unknown as ReportData;
  const source = reportSource(report);
  const found = [await source.task("j", 1), await source.task("j", 2)];
  assertEquals(found.map(({ events }) => events.map(({ attempt }) => attempt)), [[1], [3]]);
});
