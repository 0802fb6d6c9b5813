import { nameResolver } from "../../../../lib/bundle/imports/name_resolver.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

const IMPORTS = {
  lib: "file:///src/lib.ts",
  "~/": "file:///src/",
  "~/deep/": "file:///deep/",
  path: "file:///own/path.ts",
};
const resolve = nameResolver(IMPORTS, "file:///project/tiles%20a.ts");

Deno.test("nameResolver() resolves a name as the module would", async (t) => {
  const cases: [name: unknown, address: string][] = [
    ["./b.ts", "file:///project/b.ts"],
    ["../b%23.ts", "file:///b%23.ts"],
    ["/b.ts?v=1", "file:///b.ts?v=1"],
    ["lib", "file:///src/lib.ts"],
    ["~/x.ts", "file:///src/x.ts"],
    ["~/deep/x.ts", "file:///deep/x.ts"],
    ["path", "file:///own/path.ts"],
    ["fs", "node:fs"],
    ["npm:ms@2.1.3", "npm:ms@2.1.3"],
    [new URL("https://example.org/a.ts"), "https://example.org/a.ts"],
  ];
  for (const [name, address] of cases) {
    await t.step(String(name), () => assertEquals(resolve(name), address));
  }
  await t.step("but not an unknown name", () => {
    const error = assertThrows(() => resolve("nope"), TypeError);
    assertEquals((error as { code?: string }).code, "ERR_MODULE_NOT_FOUND");
    assertEquals(
      error.message,
      'Relative import path "nope" not prefixed with / or ./ or ../ from ' +
        '"file:///project/tiles%20a.ts"; add it to "imports" in deno.json or write it as npm:<name>',
    );
  });
});
