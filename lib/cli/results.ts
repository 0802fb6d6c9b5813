/**
 * The `results` command: what the tasks of a job returned, or why they failed.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { cells, TableLayout, toRow, toTable } from "../terminal/table.ts";
import type { Call, Command } from "./args.ts";
import { forStdout, JOB_NAMES, jobOf, print } from "./output.ts";

/** `dl_jobs results`. */
export const resultsCommand: Command = {
  name: "results",
  usage: "results [JOB] [options]",
  doc: `Give the results of a job, or its errors, from its journal. ${JOB_NAMES}`,
  examples: ["dl_jobs results | head -1", "dl_jobs results last --errors --format table"],
  options: [
    {
      name: "format",
      type: "text",
      default: "ndjson",
      choices: ["ndjson", "json", "csv", "table"],
      doc: "How they are written.",
    },
    { name: "json", type: "boolean", default: false, doc: "The same as --format json." },
    { name: "errors", type: "boolean", default: false, doc: "The errors, not the results." },
    {
      name: "with_args",
      type: "boolean",
      default: false,
      doc: "Each result with its task's id and arguments.",
    },
    { name: "ordered", type: "boolean", default: false, doc: "In the order of the list." },
    {
      name: "rebuild",
      type: "boolean",
      default: false,
      doc: "Write the results and errors files again.",
    },
  ],
  config: false,
  run: runResults,
};

async function runResults(call: Call): Promise<number> {
  const folder = jobOf(call);
  const { flags } = call;
  const past = await import("../job/history.ts");
  if (flags.rebuild) {
    const paths = await past.rebuildFiles(folder);
    for (const path of paths) console.error(`Wrote ${path}`);
    return 0;
  }
  const options = { ordered: flags.ordered === true, withArgs: flags.with_args === true };
  const lines = flags.errors ? past.errorsOf(folder) : past.resultsOf(folder, options);
  const format = flags.json ? "json" : String(flags.format);
  await FORMATS[format]!(lines);
  return 0;
}

type Blocks = AsyncIterable<string>;

/** Each takes blocks of whole lines. */
const FORMATS: Readonly<Record<string, (blocks: Blocks) => Promise<void>>> = {
  ndjson: async (blocks) => {
    for await (const block of blocks) await print(block);
  },
  json: async (blocks) => {
    let separator = "[\n";
    for await (const block of blocks) {
      await print(separator + block.slice(0, -1).replaceAll("\n", ",\n"));
      separator = ",\n";
    }
    await print(separator === "[\n" ? "[]\n" : "\n]\n");
  },
  csv: async (blocks) => {
    let head: string[] | undefined;
    for await (const value of values(blocks)) {
      const row = cells(value);
      if (!head) await print((head = Object.keys(row)).map(csvCell).join(",") + "\n");
      checkColumns(head, row);
      await print(head.map((key) => csvCell(row[key] ?? "")).join(",") + "\n");
    }
  },
  table: async (blocks) => {
    const all = values(blocks), first = await takeSome(all);
    const table = toTable(first), left = new Set<string>();
    const layout = new TableLayout(table, forStdout());
    await print(layout.head + "\n");
    for (let some = first; some.length > 0; some = await takeSome(all)) {
      const rows = some.map(cells);
      for (const key of rows.flatMap(Object.keys)) if (!table.head.includes(key)) left.add(key);
      await print(rows.map((row) => layout.line(toRow(row, table.head)) + "\n").join(""));
    }
    if (left.size > 0) console.error(leftOut([...left]));
  },
};

async function* values(blocks: Blocks): AsyncGenerator<unknown> {
  for await (const block of blocks) {
    for (const line of block.slice(0, -1).split("\n")) yield JSON.parse(line);
  }
}

// As many as the columns and their widths come from: all of a job's results may be too many to hold.
const LOOKED_AT = 1000;

async function takeSome(values: AsyncGenerator<unknown>): Promise<unknown[]> {
  const first: unknown[] = [];
  while (first.length < LOOKED_AT) {
    const { done, value } = await values.next();
    if (done) break;
    first.push(value);
  }
  return first;
}

function leftOut(keys: readonly string[]): string {
  return `Warning: none of the first ${LOOKED_AT} results has ${keys.join(", ")}, ` +
    "so that is no column: --format ndjson has all";
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// CSV says its columns first, and a value must not be left out without a word.
function checkColumns(head: readonly string[], row: Readonly<Record<string, string>>): void {
  const extra = Object.keys(row).find((key) => !head.includes(key));
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot write CSV: a result has "${extra}", the first one has not, use --format ndjson`,
    );
  }
}
