/**
 * The `results` command: prints the results of a job, or its errors.
 *
 * @module
 */

import { assertJournal, assertList } from "../job_dir/health.ts";
import { UsageError } from "../util/errors.ts";
import { cells, cellsOf, toRow, toTable } from "../terminal/table.ts";
import { TableLayout } from "../terminal/text_table.ts";
import { parseExact } from "../values/exact_json.ts";
import type { Call, Command } from "./command.ts";
import { csvLine } from "./csv.ts";
import { EXIT } from "./exit_status.ts";
import { forStdout, JOB_NAMES, jobOf, print, printLayout, say } from "./output.ts";

/** The command `dl_jobs results`. */
export const resultsCommand: Command = {
  name: "results",
  usage: "results [JOB] [options]",
  doc: `Print the results of a job, or its errors, from its journal. ${JOB_NAMES}`,
  examples: ["dl_jobs results | head -1", "dl_jobs results last --errors --format table"],
  options: [
    {
      name: "format",
      type: "text",
      default: "ndjson",
      choices: ["ndjson", "json", "csv", "table"],
      doc: "Format of the output.",
    },
    { name: "json", type: "boolean", default: false, doc: "Same as --format json." },
    { name: "errors", type: "boolean", default: false, doc: "Print the errors, not the results." },
    {
      name: "with_args",
      type: "boolean",
      default: false,
      doc: "Print each result with the id and the arguments of its task.",
    },
    {
      name: "ordered",
      type: "boolean",
      default: false,
      doc: "Print results in the order of the list.",
    },
    {
      name: "damaged",
      type: "text",
      default: "refuse",
      choices: ["refuse", "skip"],
      doc: "Treatment of a damaged job: refuse prints nothing, skip prints what is not damaged.",
    },
    {
      name: "rebuild",
      type: "boolean",
      default: false,
      doc: "Write the results and errors files again, and print nothing.",
    },
  ],
  config: false,
  run: runResults,
};

async function runResults(call: Call): Promise<number> {
  const folder = jobOf(call);
  const { flags } = call;
  const history = await import("../job/history.ts");
  await checkFiles(folder, flags);
  if (flags.rebuild) {
    const paths = await history.rebuildFiles(folder);
    for (const path of paths) say(`Wrote ${path}`);
    return EXIT.done.status;
  }
  const options = { ordered: flags.ordered === true, withArgs: flags.with_args === true };
  const lines = flags.errors ? history.errorsOf(folder) : history.resultsOf(folder, options);
  const format = flags.json ? "json" : String(flags.format);
  await FORMATS[format]!(lines);
  return EXIT.done.status;
}

/**
 * Checks the files that a call reads.
 *
 * @throws {Error} when a file is damaged, unless the user asked to skip what is damaged.
 */
async function checkFiles(folder: string, flags: Call["flags"]): Promise<void> {
  const isListUsed = flags.errors || flags.with_args || flags.rebuild;
  try {
    assertJournal(folder);
    if (isListUsed) await assertList(folder);
  } catch (error) {
    // Errors and files contain the arguments of any task, so they need the whole list.
    if (flags.damaged !== "skip" || flags.rebuild || flags.errors) throw error;
    say(`Warning: ${(error as Error).message}`);
  }
}

type Blocks = AsyncIterable<string>;

/** Functions that print the results, by format. Each function reads blocks of whole lines. */
const FORMATS: Readonly<Record<string, (blocks: Blocks) => Promise<void>>> = {
  ndjson: printNdjson,
  json: printJson,
  csv: printCsv,
  table: printTable,
};

async function printNdjson(blocks: Blocks): Promise<void> {
  for await (const block of blocks) await print(block);
}

/**
 * Prints the results as one JSON array, with one result per line.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
async function printJson(blocks: Blocks): Promise<void> {
  let separator = "[\n";
  for await (const block of blocks) {
    await print(separator + block.slice(0, -1).replaceAll("\n", ",\n"));
    separator = ",\n";
  }
  await print(separator === "[\n" ? "[]\n" : "\n]\n");
}

/** Prints the results as CSV. The first result determines the columns. */
async function printCsv(blocks: Blocks): Promise<void> {
  let head: string[] | undefined;
  for await (const value of values(blocks)) {
    const row = cellsOf(value);
    if (!head) await print(csvLine(head = Object.keys(row)));
    checkColumns(head, row);
    await print(csvLine(head.map((key) => row[key])));
  }
}

async function printTable(blocks: Blocks): Promise<void> {
  const all = values(blocks), first = await takeSome(all);
  const table = toTable(first), left = new Set<string>();
  const layout = new TableLayout(table, forStdout());
  await printLayout(layout.head + "\n");
  for (let some = first; some.length > 0; some = await takeSome(all)) {
    const rows = some.map(cells);
    for (const key of rows.flatMap(Object.keys)) if (!table.head.includes(key)) left.add(key);
    await printLayout(rows.map((row) => layout.line(toRow(row, table.head)) + "\n").join(""));
  }
  if (left.size > 0) say(leftOut([...left]));
}

/** Yields the results. Their numbers keep the digits of the JSON text. */
async function* values(blocks: Blocks): AsyncGenerator<unknown> {
  for await (const block of blocks) {
    for (const line of block.slice(0, -1).split("\n")) yield parseExact(line);
  }
}

// The first results determine the columns and their widths, because the results may not all fit in
// memory.
const SAMPLED = 1000;

async function takeSome(values: AsyncGenerator<unknown>): Promise<unknown[]> {
  const first: unknown[] = [];
  while (first.length < SAMPLED) {
    const { done, value } = await values.next();
    if (done) break;
    first.push(value);
  }
  return first;
}

function leftOut(keys: readonly string[]): string {
  return `Warning: the table has no column for ${keys.join(", ")}: ` +
    `the first ${SAMPLED} results have no such key, use --format ndjson for all`;
}

// The header is already printed, so a new key has no column. Dropping the key would lose data.
function checkColumns(head: readonly string[], row: Readonly<Record<string, unknown>>): void {
  const extra = Object.keys(row).find((key) => !head.includes(key));
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot write CSV: a result has "${extra}" and the first one does not, use --format ndjson`,
    );
  }
}
