import { lastOf, SERVER } from "../../../../lib/web/page/source.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

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
