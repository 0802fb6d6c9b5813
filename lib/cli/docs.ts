/**
 * The `docs` command: finds a word in the documentation, and prints what explains it.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { type DocPage, loadPages, partsOf, plain } from "./docs_search.ts";
import { wrapMarkdown } from "./docs_layout.ts";
import { explainWords } from "./docs_words.ts";
import { EXIT } from "./exit_status.ts";
import { helpColumns } from "./help_layout.ts";
import { print, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs docs`. */
export const docsCommand: Command = {
  name: "docs",
  usage: "docs [WORD...]",
  doc: `${SUMMARIES.docs} Without a word, list the pages.`,
  examples: ["dl_jobs docs slurm", "dl_jobs docs max_attempts"],
  options: [],
  run: runDocs,
};

async function runDocs({ positional }: Call): Promise<number> {
  const [front, ...pages] = await loadPages();
  if (positional.length === 0) await printPart(front!.text);
  else await printFound(pages, positional);
  return EXIT.done.status;
}

/** The number of further parts that are named. */
const OTHERS = 8;

async function printFound(pages: readonly DocPage[], words: readonly string[]): Promise<void> {
  const page = pages.find(({ name }) => plain(name) === plain(words.join(" ")));
  if (page) return await printPart(page.text);
  const [best, ...others] = explainWords(pages.flatMap(partsOf), words);
  if (!best) {
    throw new UsageError(
      `Cannot find "${words.join(" ")}" in the documentation: write another word, or see the ` +
        "pages with dl_jobs docs",
    );
  }
  await printPart(best.text);
  for (const { page, heading } of others.slice(0, OTHERS)) say(`See also: ${page}: ${heading}`);
}

/** Prints Markdown. On a terminal, it is wrapped to the terminal's width. */
async function printPart(text: string): Promise<void> {
  await print(Deno.stdout.isTerminal() ? wrapMarkdown(text, helpColumns()) : text);
}
