import { schemaTexts } from "../../../scripts/schemas.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("docs/schemas/ is as the types of the code say: deno run -A scripts/schemas.ts", () => {
  const folder = new URL("../../../docs/schemas/", import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const written = names.map((name) =>
    [name, Deno.readTextFileSync(new URL(name, folder))] as const
  );
  assertEquals(new Map(written.toSorted()), new Map([...schemaTexts()].toSorted()));
});
