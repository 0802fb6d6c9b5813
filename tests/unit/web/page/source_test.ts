import { lastOf } from "../../../../lib/web/page/source.ts";
import { assertEquals } from "../../../support/assert.ts";

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
