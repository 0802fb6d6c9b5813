/**
 * Writes results as a database of SQLite.
 *
 * @see https://www.sqlite.org/datatype3.html
 *
 * @module
 */

import { Columns } from "../../formats/columns.ts";
import type { OutputOptions, OutputRow, OutputSource } from "../../formats/output.ts";
import { tableNames } from "../../formats/table_names.ts";
import { TableWriter } from "../../job_dir/table_writer.ts";
import { fillTasks } from "../../job_dir/task_tables.ts";
import { UsageError } from "../../util/errors.ts";
import { openDatabase, type SqlDatabase, type SqlValue } from "../../util/sqlite.ts";
import { isDouble } from "../../values/double.ts";

/**
 * Writes the table `results`, with a column for each key of the results, and the table `tasks` when
 * the results are those of a job. Lists and objects are JSON.
 *
 * @throws {Error} when the disk is full or broken.
 */
export async function writeSqlite(
  source: OutputSource,
  options: OutputOptions,
  path: string,
): Promise<void> {
  const db = openDatabase(path);
  try {
    // An incomplete file is removed, so it needs no journal of its own.
    db.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -65536");
    await fillResults(db, source, options);
    if (source.folder !== undefined) await fillTasks(db, source.folder);
  } catch (error) {
    throw isOfDatabase(error) ? cannotWrite(source.name, error) : error;
  } finally {
    db.close();
  }
}

function isOfDatabase(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/** Returns the error of a database without room, which SQLite reports without a path. */
function cannotWrite(name: string, cause: Error): Error {
  return new Error(`Cannot write ${name}: ${cause.message}, write it again`, { cause });
}

// The limit of SQLite.
const MOST_COLUMNS = 2000;

async function fillResults(
  db: SqlDatabase,
  { name, rows, keys }: OutputSource,
  { withArgs = false }: OutputOptions,
): Promise<void> {
  const args = new Columns(false), results = new Columns(false);
  for (const key of keys ?? []) results.read(`{${JSON.stringify(key)}:null}`);
  for await (const batch of rows()) for (const row of batch) addColumns(row, args, results);
  for (const columns of [args, results]) columns.close();
  if (results.paths.length === 0) results.addValues();
  const names = uniqueNames(tableNames([
    ...withArgs ? [{ group: "id", path: [] }] : [],
    ...args.paths.map((path) => ({ group: "args", path })),
    ...results.paths.map((path) => ({ group: "result", path })),
  ]));
  checkCount(name, names.length);
  db.exec(`begin; create table results(${names.map(quoteName).join()})`);
  const table = new TableWriter(db, "results", names.length);
  for await (const batch of rows()) {
    for (const row of batch) table.add(readCells(row, args, results).map(toSql));
  }
  table.end();
  db.exec("commit");
}

function addColumns({ args, result }: OutputRow, given: Columns, results: Columns): void {
  results.read(result);
  if (args !== undefined) given.read(args);
}

/** Returns the JSON texts of the cells of a row. */
function readCells({ id, args, result }: OutputRow, given: Columns, results: Columns): string[] {
  const cells = new Array<string>(results.paths.length).fill("");
  results.read(result, (column, cell) => cells[column] = cell);
  if (args === undefined) return cells;
  const before = new Array<string>(given.paths.length).fill("");
  given.read(args, (column, cell) => before[column] = cell);
  return [String(id), ...before, ...cells];
}

function checkCount(name: string, count: number): void {
  if (count <= MOST_COLUMNS) return;
  throw new UsageError(
    `Cannot write ${name}: the results have ${count} keys, and a table of SQLite has at most ` +
      `${MOST_COLUMNS} columns, use another format`,
  );
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Adds a number to names that differ only in upper case, which are equal for SQLite. */
function uniqueNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((key) => {
    // The text of a statement ends at a NUL.
    const name = key.replaceAll("\0", "\\0");
    let unique = name;
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${name}_${n}`;
    used.add(unique.toLowerCase());
    return unique;
  });
}

/** Returns the value of a cell. A number that SQLite would round is a text with all digits. */
function toSql(json: string): SqlValue {
  if (json === "" || json === "null") return null;
  if (json === "true" || json === "false") return json === "true" ? 1n : 0n;
  if (json.startsWith("[") || json.startsWith("{")) return json;
  if (!json.startsWith('"')) return toNumber(json);
  const text: string = JSON.parse(json);
  // UTF-8 has no half of a surrogate pair, and most programs take a NUL for the end of a text.
  return text.isWellFormed() && !text.includes("\0") ? text : json;
}

const INTEGER = /^-?\d+$/;

function toNumber(json: string): SqlValue {
  if (INTEGER.test(json) && json !== "-0") {
    const value = BigInt(json);
    return BigInt.asIntN(64, value) === value ? value : json;
  }
  const value = Number(json);
  return isDouble(json, value) ? value : json;
}
