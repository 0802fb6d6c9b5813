/**
 * The pages of the documentation, and the search in them.
 *
 * @module
 */

import { readModule } from "../util/remote.ts";

/** A page of the documentation. */
export interface DocPage {
  /** The name of its file: `lists`. */
  readonly name: string;
  /** Its Markdown. */
  readonly text: string;
}

/** A part of a page: a heading with the text below it. */
export interface DocPart {
  /** The name of its page. */
  readonly page: string;
  readonly heading: string;
  /** Its Markdown, with the heading. */
  readonly text: string;
}

const DOCS = new URL("../../docs/", import.meta.url);

/** Loads the front page, and then the pages to which it links. */
export async function loadPages(): Promise<DocPage[]> {
  const front = await loadPage("README.md");
  const paths = [...front.text.matchAll(/\]\((\w[\w/-]*\.md)\)/g)].map(([, path]) => path!);
  return [front, ...await Promise.all([...new Set(paths)].map(loadPage))];
}

async function loadPage(path: string): Promise<DocPage> {
  const text = await readModule(new URL(path, DOCS).href);
  return { name: path.replace(/^.*\/|\.md$/g, ""), text };
}

/** Divides a page at its headings. */
export function partsOf({ name, text }: DocPage): DocPart[] {
  const parts: string[][] = [];
  let isCode = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    if (!isCode && /^#+ /.test(line)) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts.map((lines) => ({
    page: name,
    heading: lines[0]!.replace(/^#+ /, ""),
    text: `${lines.join("\n").trim()}\n`,
  }));
}

/**
 * Returns the parts that contain all words, the best one first. When there is none, the forms of a
 * word count as well: `sampling` finds `sample`.
 */
export function rank(parts: readonly DocPart[], words: readonly string[]): DocPart[] {
  const wanted = words.map(plain).filter((word) => word !== "");
  const found = rankBy(parts, wanted, wanted.map((word) => patternOf(word)));
  return found.length > 0 ? found : rankBy(parts, wanted, wanted.map(formsOf));
}

function rankBy(
  parts: readonly DocPart[],
  words: readonly string[],
  patterns: readonly RegExp[],
): DocPart[] {
  return parts.map((part) => ({ part, score: scoreOf(part, words, patterns) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ part }) => part);
}

/** Matches a word where a word begins, so that `ray` does not find `array`. */
function patternOf(word: string, end = ""): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(word)}${end}`, "gu");
}

/** Matches the other forms of a word, such as its plural. */
function formsOf(word: string): RegExp {
  const stem = stemOf(word);
  return patternOf(stem, stem === word ? "" : "(?:e|y)?(?:s|es|ed|d|ing|ation)?(?![\\p{L}\\p{N}])");
}

// A shorter stem is that of too many words.
const LEAST_STEM = 3;

/** Returns a word without its ending: `sampl` for `sampling`. */
export function stemOf(word: string): string {
  const endings = [/(?:ations?|ings?|ies|ed|es|s)$/, /(?:s|e|y)$/];
  const stems = endings.map((ending) => word.replace(ending, ""));
  return stems.find((stem) => stem !== word && stem.length >= LEAST_STEM) ?? word;
}

/** The weight of a word in a heading, beside one in the text. */
const HEADING = 20;

function scoreOf(
  { page, heading, text }: DocPart,
  words: readonly string[],
  patterns: readonly RegExp[],
): number {
  const title = plain(heading), body = plain(text);
  const counts = patterns.map((pattern) => body.match(pattern)?.length ?? 0);
  if (counts.includes(0)) return 0;
  const inTitle = patterns.filter((pattern) => title.search(pattern) >= 0).length;
  const isTitle = title === words.join(" ");
  const inBody = counts.reduce((sum, count) => sum + Math.min(count, 5), 0);
  const score = (isTitle ? HEADING : 0) + inTitle * HEADING + inBody;
  return isOther(page) ? score / OTHER : score;
}

/** The divisor for pages about other tools, which most readers do not need. */
const OTHER = 3;

function isOther(page: string): boolean {
  return page.startsWith("from-") && page !== "from-a-url";
}

/** Spells `--max-attempts`, `max_attempts` and `maxAttempts` alike, and keeps `GeoJSON` a word. */
export function plain(text: string): string {
  return text.replace(/([a-z])([A-Z][a-z])/g, "$1 $2").toLowerCase().replace(/[-_`\s]+/g, " ")
    .trim();
}
