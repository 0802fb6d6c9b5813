/**
 * Writes results as CSV or TSV. The columns are the keys of all results.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 *
 * @module
 */

import { Columns } from "../columns.ts";
import { csvCell, withoutFormula } from "./cell.ts";
import type { OutputOptions, OutputRow, OutputSource } from "../output.ts";
import { checkDensity } from "../sparse_table.ts";
import { tableNames } from "../table_names.ts";

// The length of the texts that are written at a time. A batch of results may have a thousand times as
// many cells as values.
const PIECE = 256 * 1024;

/** Writes values between commas. */
export function writeCsv(source: OutputSource, options: OutputOptions): AsyncGenerator<string> {
  return write(source, options, ",");
}

/** Writes values between tabs. */
export function writeTsv(source: OutputSource, options: OutputOptions): AsyncGenerator<string> {
  return write(source, options, "\t");
}

async function* write(
  { name, rows, keys, notice }: OutputSource,
  { nested, raw = false, withArgs = false }: OutputOptions,
  separator: string,
): AsyncGenerator<string> {
  const table = new ResultTable(!keys && nested !== "json", withArgs);
  if (keys) table.add(rowWith(keys));
  else if (!await readColumns(rows(), table, name)) return;
  const names = table.close();
  let guarded = 0;
  const guard = (text: string) => {
    const safe = raw ? text : withoutFormula(text);
    if (safe !== text) guarded++;
    return safe;
  };
  const line = (cells: readonly string[]) => {
    let text = csvCell(cells[0]!, separator, guard);
    for (let i = 1; i < cells.length; i++) text += separator + csvCell(cells[i]!, separator, guard);
    // A reader skips an empty line.
    return (text === "" && names.length === 1 ? '""' : text) + "\n";
  };
  yield clearHeader(line(names.map((name) => JSON.stringify(name))), separator);
  let text = "";
  for await (const batch of rows()) {
    for (const row of batch) {
      text += line(table.cells(row));
      if (text.length < PIECE) continue;
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
  if (guarded > 0) notice?.(guardedText(guarded, name), true);
}

/**
 * Puts quotes around a first name that readers would take for the line that names the delimiter or,
 * if it is the only one, for several names.
 */
function clearHeader(header: string, separator: string): string {
  const [first = "", ...more] = header.split(separator);
  const isMisread = more.length === 0 && /^sep=|[,;|\t]/i.test(first);
  if (!isMisread || first.startsWith('"')) return header;
  return [first.replace(/^(.*?)(\n?)$/s, '"$1"$2'), ...more].join(separator);
}

function guardedText(count: number, name: string): string {
  const cells = count === 1 ? "a cell of" : `${count} cells of`;
  return `An apostrophe is before ${cells} ${name}, which a spreadsheet would calculate: ` +
    "--raw keeps the texts";
}

/** Reads the columns of all rows. Returns false when there are none. */
async function readColumns(
  rows: AsyncIterable<readonly OutputRow[]>,
  table: ResultTable,
  name: string,
): Promise<boolean> {
  let count = 0;
  for await (const batch of rows) {
    for (const row of batch) table.add(row);
    count += batch.length;
  }
  checkDensity(name, count, table.parts);
  return count > 0;
}

/** Returns a row with a result that has only these keys. */
function rowWith(keys: readonly string[]): OutputRow {
  return { id: 0, result: `{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}` };
}

/** The cells of results, beside those of arguments. */
class ResultTable {
  #args: Columns;
  #results: Columns;

  constructor(isDeep: boolean, readonly withArgs: boolean) {
    this.#args = new Columns(isDeep);
    this.#results = new Columns(isDeep);
  }

  /** The columns of the arguments and of the results. */
  get parts(): readonly Columns[] {
    return [this.#args, this.#results];
  }

  /** Adds the columns of a row. */
  add({ args, result }: OutputRow): void {
    this.#results.read(result);
    if (args !== undefined) this.#args.read(args);
  }

  /** Returns the JSON texts of the cells of a row. */
  cells({ id, args, result }: OutputRow): string[] {
    const results = emptyCells(this.#results);
    this.#results.read(result, (column, cell) => results[column] = cell);
    if (args === undefined) return results;
    const given = emptyCells(this.#args);
    this.#args.read(args, (column, cell) => given[column] = cell);
    return [String(id), ...given, ...results];
  }

  /** Returns the names of the columns, once all rows were read. */
  close(): string[] {
    for (const columns of [this.#args, this.#results]) columns.close();
    // All results are objects without keys.
    if (this.#results.paths.length === 0) this.#results.addValues();
    const ids = this.withArgs ? [{ group: "id", path: [] }] : [];
    const columns = (group: string, { paths }: Columns) => paths.map((path) => ({ group, path }));
    return tableNames([
      ...ids,
      ...columns("args", this.#args),
      ...columns("result", this.#results),
    ]);
  }
}

function emptyCells({ paths }: Columns): string[] {
  return new Array<string>(paths.length).fill("");
}
