/**
 * Checks the countable rules of the project's voice: `deno run -A scripts/check_voice.ts
 * [path...]`.
 *
 * The first rule: at most 2 % of the doc comments open with What, How, Who, Which, Whether or Why.
 * The second rule: no comment, string or page contains a phrase of `voice/phrases.ts`. Prints one
 * line for each finding with the replacement, then the counts. Exits with status 1 when a rule is
 * broken. With paths, checks only the files below them.
 *
 * @module
 */

import { filesIn, readTexts, type SourceText } from "./source_files.ts";
import { lineAt, type Prose, readProse } from "./voice/prose.ts";
import { PHRASES, QUESTION } from "./voice/phrases.ts";

/** The largest share of doc comments that may open with a question word. */
const QUESTION_LIMIT = 0.02;

/** The findings in some files. */
export interface VoiceReport {
  /** Banned phrases, one line each: place, phrase, and its replacement. */
  readonly phrases: readonly string[];
  /** Doc comments that open with a question word, one line each. */
  readonly questions: readonly string[];
  /** The number of doc comments. */
  readonly docs: number;
}

/**
 * Checks the voice of some files.
 *
 * @returns the findings, in the order of the files and of their lines
 */
export function checkVoice(files: readonly SourceText[]): VoiceReport {
  const found = files.flatMap(({ path, text }) =>
    readProse(path, text).map((prose) => ({ path, prose }))
  );
  const docs = found.filter(({ prose }) => prose.kind === "doc" && openingOf(prose) !== "");
  return {
    phrases: found.flatMap(({ path, prose }) => phrasesIn(path, prose)),
    questions: docs.flatMap(({ path, prose }) => questionIn(path, prose)),
    docs: docs.length,
  };
}

/** Returns true when a report breaks neither rule. */
export function isGood({ phrases, questions, docs }: VoiceReport): boolean {
  return phrases.length === 0 && questions.length <= docs * QUESTION_LIMIT;
}

function phrasesIn(path: string, { text, line }: Prose): string[] {
  const matches = PHRASES.flatMap(({ pattern, write }) =>
    [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ index, found, write }))
  );
  return matches.sort((a, b) => a.index - b.index).map(({ index, found, write }) => {
    const words = found.replaceAll(/\s+/g, " ");
    return `${path}:${line + lineAt(text, index) - 1} "${words}": write ${write}`;
  });
}

function questionIn(path: string, prose: Prose): string[] {
  const opening = openingOf(prose), word = QUESTION.exec(opening)?.[0];
  if (word === undefined) return [];
  const line = prose.line + lineAt(prose.text, prose.text.search(/\S/)) - 1;
  return [`${path}:${line} opens with "${word}": open with a verb ("Returns ...") or a noun`];
}

/** Returns the first words of a doc comment; an empty text when it opens with a tag. */
function openingOf({ text }: Prose): string {
  const words = text.trimStart().slice(0, 80);
  return words.startsWith("@") ? "" : words;
}

/** Files that list the phrases themselves, and texts that the project did not write. */
const EXEMPT = /^(scripts\/voice\/phrases\.ts|tests\/unit\/scripts\/check_voice_test\.ts|LICENSE)$/;
const CHECKED = /(\.([cm]?[jt]sx?|md|py|sh|ya?ml)|(^|\/)run)$/;
const FOLDERS = /^(lib|repl|tests|tools|bench|scripts|examples|docs|\.ci|\.github)$/;

/** Lists the files to check, from the project's folder. */
async function listTexts(root: string): Promise<string[]> {
  const isEntered = (folder: string) => folder.includes("/") ? isOwn(folder) : FOLDERS.test(folder);
  const paths = await filesIn(root, isEntered);
  return paths.filter((path) => CHECKED.test(path) && !EXEMPT.test(path));
}

function isOwn(folder: string): boolean {
  return !/\/(testdata|node_modules|results|errors|logs|\.[^/]*)$/.test(folder);
}

async function main(paths: readonly string[]): Promise<number> {
  const root = `${import.meta.dirname}/..`;
  const isAsked = (file: string) =>
    paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  const names = (await listTexts(root)).filter(isAsked);
  const report = checkVoice(await readTexts(root, names));
  const { phrases, questions, docs } = report, good = isGood(report);
  // Openings are findings only when their share exceeds the limit.
  const shown = questions.length > docs * QUESTION_LIMIT ? [...phrases, ...questions] : phrases;
  for (const finding of shown) console.log(finding);
  const share = docs === 0 ? 0 : 100 * questions.length / docs;
  console.log(
    `${names.length} files: ${phrases.length} banned phrases; ${questions.length} of ${docs} doc ` +
      `comments open with a question word (${share.toFixed(1)} %, limit ${100 * QUESTION_LIMIT} %)`,
  );
  return good ? 0 : 1;
}

if (import.meta.main) {
  Deno.exit(await main(Deno.args.map((path) => path.replace(/^\.\//, "").replace(/\/$/, ""))));
}
