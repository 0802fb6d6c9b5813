import { parallelImports } from "../../../../lib/bundle/build/parallel_imports.ts";
import { assertEquals } from "../../../support/assert.ts";

const LOADERS = ["init_a", "init_b", "init_c"].map((name) => `var ${name} = __esm({});\n`).join("");

Deno.test("parallelImports() lets the imports of a module load at the same time", async (t) => {
  const cases: [name: string, before: string[], after: string[]][] = [
    ["when one waits", [
      '  async "m.ts"() {',
      "    init_a();",
      "    await init_b();",
      "    init_c();",
      "    work();",
    ], [
      '  async "m.ts"() {',
      "await Promise.all([init_a(),",
      "init_b(),",
      "init_c()]);",
      "    work();",
    ]],
    ["but not when none waits", [
      '  async "m.ts"() {',
      "    init_a();",
      "    init_b();",
    ], ['  async "m.ts"() {', "    init_a();", "    init_b();"]],
    ["but not a single one", ['  async "m.ts"() {', "    await init_a();"], [
      '  async "m.ts"() {',
      "    await init_a();",
    ]],
    ["but not the user's own functions", [
      '  async "m.ts"() {',
      "    await init_a();",
      "    await init_database();",
      "    init_cache();",
    ], [
      '  async "m.ts"() {',
      "    await init_a();",
      "    await init_database();",
      "    init_cache();",
    ]],
    ["but not calls in a function", [
      "    async function read() {",
      "    await init_a();",
      "    init_b();",
    ], ["    async function read() {", "    await init_a();", "    init_b();"]],
  ];
  for (const [name, before, after] of cases) {
    await t.step(name, () => {
      const code = LOADERS + before.join("\n") + "\n";
      assertEquals(parallelImports(code), LOADERS + after.join("\n") + "\n");
    });
  }
});
