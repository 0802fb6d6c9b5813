import { type DocPage, loadPages, partsOf, plain } from "../../../lib/cli/docs_search.ts";
import { explainWords } from "../../../lib/cli/docs_words.ts";
import { docsOf, EXPLAINED, EXPLAINED_CODES } from "../../../lib/cli/error_docs.ts";
import { COMMANDS } from "../../../lib/cli/mod.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { walk } from "../../support/jobs.ts";
import { assertEquals } from "../../support/assert.ts";

const LIB = new URL("../../../lib", import.meta.url).pathname;

Deno.test("docsOf() finds the page of a message, whatever values it names", () => {
  const cases: [message: string, expected: string | undefined][] = [
    ['Cannot use "0" as workers (--workers): write a whole number', "workers"],
    ['Cannot use "x" as user in the option ssh (--ssh): write a text', "ssh"],
    ["Cannot run on host h1: it has no Deno", "ssh"],
    ["Cannot run on host pod-1: the Job dl-jobs-a was deleted", "kubernetes"],
    ["Cannot read a.csv:12: it has 5 cells, the header has 4", "csv"],
    ['Cannot find "g" in f.ts: it exports f', "how a function is named"],
    ['Cannot find "on Slurm" in f.ts: no such thing', undefined],
    ["Cannot read nope.csv: no such file\non Slurm", undefined],
  ];
  for (const [message, expected] of cases) assertEquals(docsOf("usage", message), expected);
  assertEquals(docsOf("job_damaged", "Cannot read job 1: it is damaged"), "damage");
});

Deno.test("docsOf() names a heading or a page that `dl_jobs docs` finds", async () => {
  const [, ...pages] = await loadPages();
  const words = [...Object.keys(EXPLAINED), ...Object.values(EXPLAINED_CODES)];
  assertEquals(words.map((words) => titleOf(pages, words)), words.map(plain));
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const options = [...OPTIONS, ...commands.flatMap(({ options }) => options)];
  const names = new Set(options.map(({ name }) => plain(name)));
  assertEquals([...names].filter((name) => titleOf(pages, name) === undefined), []);
});

Deno.test("EXPLAINED has no phrase that no message has", async () => {
  const files = walk(LIB).filter((path) => path.endsWith(".ts") && !path.endsWith("error_docs.ts"));
  const texts = await Promise.all(files.map((path) => Deno.readTextFile(path)));
  const code = texts.join("\n").replaceAll(/["`] \+\s*["`]/g, "");
  const phrases = Object.values(EXPLAINED).flat();
  assertEquals(phrases.filter((phrase) => !code.includes(phrase)), []);
});

/** Returns the title of the page or part that the command prints. */
function titleOf(pages: readonly DocPage[], words: string): string | undefined {
  const page = pages.find(({ name }) => plain(name) === plain(words));
  const part = explainWords(pages.flatMap(partsOf), words.split(" ")).at(0);
  return page ? plain(page.name) : part && plain(part.heading);
}

Deno.test("docs/guides/json.md names every code of an error", async () => {
  const read = (path: string) =>
    Deno.readTextFile(new URL(`../../../docs/${path}`, import.meta.url));
  const { definitions } = JSON.parse(await read("schemas/envelope.json"));
  const rows = (await read("guides/json.md")).matchAll(/^\| `([a-z_]+)` +\| [^|]*\|$/gm);
  const named = Array.from(rows, ([, name]) => name!);
  const codes: string[] = definitions.ErrorCode.enum;
  assertEquals(codes.filter((code) => !named.includes(code)), []);
});
