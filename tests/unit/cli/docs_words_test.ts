import { loadPages, partsOf, plain } from "../../../lib/cli/docs_search.ts";
import { headingOf, SYNONYMS } from "../../../lib/cli/docs_words.ts";
import { assertEquals } from "../../support/assert.ts";

const [, ...PAGES] = await loadPages();

Deno.test("SYNONYMS names headings of the guides, and each word once", () => {
  const headings = Object.keys(SYNONYMS), words = Object.values(SYNONYMS).flat();
  const all = new Set(PAGES.flatMap(partsOf).map(({ heading }) => plain(heading)));
  assertEquals(headings.filter((heading) => !all.has(heading)), []);
  assertEquals(words.filter((word) => plain(word) !== word || headings.includes(word)), []);
  assertEquals(words.length, new Set(words).size);
});

Deno.test("SYNONYMS has no name of a page, which the command prints instead", () => {
  const names = PAGES.map(({ name }) => plain(name));
  assertEquals(Object.values(SYNONYMS).flat().filter((word) => names.includes(word)), []);
});

Deno.test("headingOf() accepts each spelling, and whole words only", () => {
  assertEquals(headingOf("Out-of-memory"), "memory and cpu time");
  assertEquals(headingOf("OOM"), "memory and cpu time");
  assertEquals(headingOf("memory"), undefined);
});
