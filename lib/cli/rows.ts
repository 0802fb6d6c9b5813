/**
 * Prints the rows of a query, or writes them to a file.
 *
 * @module
 */

import type { OutputFormat, OutputOptions, OutputSource } from "../formats/output.ts";
import type { SqlColumn, SqlRows } from "../job/query/sql_rows.ts";
import { TableLayout } from "../terminal/text_table.ts";
import { UsageError } from "../util/errors.ts";
import type { SqlValue } from "../util/sqlite.ts";
import { forStdout, printAll, printLayout, say } from "./output.ts";
import { writeOutput } from "./output_file.ts";

type Row = readonly SqlValue[];

/**
 * Prints the rows of a query to stdout.
 *
 * @param raw true to keep texts that are formulas
 */
export async function printRows(
  query: SqlRows,
  format: OutputFormat | "table",
  raw: boolean,
): Promise<void> {
  const { checkOutputKind } = await import("../job/files/writers.ts");
  checkOutputKind("stdout", { format: format === "table" ? "ndjson" : format }, { raw });
  if (format === "table") return await printTable(query);
  await printAll(rowTexts(query, format, raw));
}

/** Formats the rows of a query, and says when there are none. */
export async function* rowTexts(
  query: SqlRows,
  format: OutputFormat,
  raw = false,
): AsyncGenerator<string> {
  const { resultsText } = await import("../job/files/writers.ts");
  const source = sourceOf(query, "the rows");
  yield* resultsText(source, format, optionsOf(format, raw));
  sayEmpty(source.count);
}

/**
 * Writes the rows of a query to a file.
 *
 * @param format the format. @default {that of the file's ending}
 * @param raw true to keep texts that are formulas
 */
export async function writeRows(
  query: SqlRows,
  name: string,
  format: OutputFormat | "table" | undefined,
  raw: boolean,
): Promise<void> {
  const source = sourceOf(query, name);
  await writeOutput(name, format, (kind) => optionsOf(kind.format, raw), () => source);
  sayEmpty(source.count);
  say(`Wrote ${name}`);
}

/** The columns of a query are those of its SQL, whatever is in the arguments and the results. */
function optionsOf(format: OutputFormat, raw: boolean): OutputOptions {
  return format === "csv" || format === "tsv" ? { nested: "json", raw } : { raw };
}

// The first group also determines the widths of a table.
const GROUP = 1000;

function* groupsOf(rows: Iterable<Row>): Generator<Row[]> {
  let group: Row[] = [];
  for (const row of rows) {
    group.push(row);
    if (group.length < GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function printTable({ columns, rows }: SqlRows): Promise<void> {
  const head = columns.map(({ name }) => name);
  let layout: TableLayout | undefined;
  for (const group of groupsOf(rows())) {
    const texts = group.map((row) => row.map(cellText));
    let lines = "";
    if (!layout) {
      layout = new TableLayout({ head, rows: texts }, forStdout());
      lines = layout.head + "\n";
    }
    for (const row of texts) lines += layout.line(row) + "\n";
    await printLayout(lines);
  }
  if (!layout) sayEmpty(0);
}

function sayEmpty(count: number): void {
  if (count === 0) say("The query returned no rows");
}

function cellText(value: SqlValue): string {
  return String(value ?? "").replaceAll(/\s+/g, " ");
}

/** The rows of a query as results, which are objects, and their number so far. */
interface RowSource extends OutputSource {
  count: number;
}

function sourceOf({ columns, rows }: SqlRows, name: string): RowSource {
  const toJson = objectWriter(columns), keys = columns.map((column) => column.name);
  const source: RowSource = {
    name,
    keys,
    notice: say,
    count: 0,
    async *rows() {
      source.count = 0;
      for (const group of groupsOf(rows())) {
        yield group.map((row) => ({ id: source.count++, result: toJson(row) }));
      }
    },
  };
  return source;
}

/** Returns a function that converts a row to the JSON of an object. */
function objectWriter(columns: readonly SqlColumn[]): (row: Row) => string {
  const keys = columns.map(({ name }) => JSON.stringify(name) + ":");
  const twice = columns.find(({ name }, i) => columns.findIndex((one) => one.name === name) < i);
  if (twice) {
    throw new UsageError(
      `Cannot write the rows: two columns are named "${twice.name}", rename one with as`,
    );
  }
  return (row) => `{${row.map((value, i) => keys[i] + cellJson(value, columns[i]!)).join()}}`;
}

function cellJson(value: SqlValue, { isJson }: SqlColumn): string {
  if (typeof value === "string") return isJson ? value : JSON.stringify(value);
  if (value === null) return "null";
  // JSON has no infinity, but readers take a number that is too large for it.
  return String(value).replace("Infinity", "1e999");
}
