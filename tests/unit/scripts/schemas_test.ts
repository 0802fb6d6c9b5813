import { schemaTexts } from "../../../scripts/schemas.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";

const folder = new URL("../../../docs/schemas/", import.meta.url);
const written = Array.from(
  Deno.readDirSync(folder),
  ({ name }) => [name, Deno.readTextFileSync(new URL(name, folder))] as const,
);

Deno.test("docs/schemas/ is as the types of the code say: deno run -A scripts/schemas.ts", () => {
  assertEquals(new Map(written.toSorted()), new Map([...schemaTexts()].toSorted()));
});

Deno.test("docs/schemas/ has values as defaults, and words about them in the descriptions", () => {
  // A program that fills in defaults would take the text of a tag for a value.
  assertEquals(written.filter(([, text]) => text.includes('"default": "{')), []);
  const text = new Map(written).get("jobs.json")!;
  assertStringIncludes(text, '"default": 0');
  assertStringIncludes(text, "no more tasks begin in a running job. When absent: they begin.");
});
