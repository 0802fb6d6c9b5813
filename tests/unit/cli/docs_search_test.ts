import { loadPages, partsOf, plain, rank } from "../../../lib/cli/docs_search.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const PAGE = {
  name: "limits",
  text: "# Limits\n\nBefore.\n\n## max_attempts\n\nTries.\n\n```sh\n# no heading\n```\n\n" +
    "## Time\n\nSee --max-attempts.\n",
};

Deno.test("partsOf() divides a page at its headings, and not in code", () => {
  assertEquals(partsOf(PAGE).map(({ page, heading }) => [page, heading]), [
    ["limits", "Limits"],
    ["limits", "max_attempts"],
    ["limits", "Time"],
  ]);
  assertEquals(
    partsOf(PAGE)[1]!.text,
    "## max_attempts\n\nTries.\n\n```sh\n# no heading\n```\n",
  );
});

Deno.test("rank() prefers headings, and accepts each spelling of an option", async (t) => {
  for (const word of ["max_attempts", "--max-attempts", "maxAttempts", "MAX ATTEMPTS"]) {
    await t.step(word, () => {
      const found = rank(partsOf(PAGE), [word]).map(({ heading }) => heading);
      assertEquals(found, ["max_attempts", "Time"]);
    });
  }
  assertEquals(rank(partsOf(PAGE), ["attempts", "time"]).map(({ heading }) => heading), ["Time"]);
  assertEquals(rank(partsOf(PAGE), ["attempts", "xyzzy"]), []);
});

Deno.test("rank() puts pages about other tools last", () => {
  const [part] = partsOf(PAGE), old = { ...part!, page: "from-parallel", text: "before, before" };
  assertEquals(rank([old, part!], ["before"]).map(({ page }) => page), ["limits", "from-parallel"]);
});

Deno.test("rank() finds the beginning of a word, and else its forms", () => {
  const text = "# Arrays\n\nAn array is sampled.\n\n## Caches\n\nA policy.\n";
  const parts = partsOf({ name: "arrays", text });
  const cases: [word: string, found: string[]][] = [
    ["arr", ["Arrays"]],
    ["ray", []],
    ["sampling", ["Arrays"]],
    ["policies", ["Caches"]],
    ["caching", ["Caches"]],
    ["cached", ["Caches"]],
    ["c++", []],
  ];
  for (const [word, found] of cases) {
    assertEquals(rank(parts, [word]).map(({ heading }) => heading), found, word);
  }
});

Deno.test("plain() divides names, and no abbreviation", () => {
  const words = ["maxAttempts", "GeoJSON", "DuckDB", "SQL over tasks", "`setup` and `teardown`"];
  assertEquals(words.map(plain), [
    "max attempts",
    "geojson",
    "duckdb",
    "sql over tasks",
    "setup and teardown",
  ]);
});

Deno.test("loadPages() loads every page of docs/", async () => {
  const [front, ...pages] = await loadPages();
  assert(front!.text.startsWith("# dl_jobs"));
  const guides = Deno.readDirSync(new URL("../../../docs/guides", import.meta.url));
  const names = new Set(pages.map(({ name }) => `${name}.md`));
  assertEquals(Array.from(guides, ({ name }) => name).filter((name) => !names.has(name)), []);
});
