import { loadPages, partsOf, plain } from "../../../lib/cli/docs_search.ts";
import { explainWords, headingOf, SYNONYMS } from "../../../lib/cli/docs_words.ts";
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

Deno.test("explainWords() finds the words of other tools, and other forms of a word", async (t) => {
  const parts = PAGES.flatMap(partsOf);
  const cases: [words: string, heading: string][] = [
    ["retry", "retry"],
    ["retries", "More attempts"],
    ["workers", "workers"],
    ["priorities", "Order and priority"],
    ["workflows", "Jobs that depend on others"],
    ["dependencies", "Jobs that depend on others"],
    ["dag", "Jobs that depend on others"],
    ["sampling", "A part of a list"],
    ["deduplication", "A part of a list"],
    ["caching", "Results of earlier jobs"],
    ["memoized", "Results of earlier jobs"],
    ["webhooks", "When a job ends"],
    ["eta", "Progress and logs"],
    ["load-average", "Nights, load and nice"],
    ["skip existing", "Tasks whose output exists"],
    ["nohup", "Jobs in the background"],
    ["ray", "Comparison with other tools"],
    ["exponential backoff", "More attempts"],
    ["cross product", "Parameters"],
  ];
  for (const [words, heading] of cases) {
    await t.step(words, () => {
      assertEquals(explainWords(parts, words.split(" ")).at(0)?.heading, heading);
    });
  }
  assertEquals(explainWords(parts, ["xyzzy"]), []);
});
