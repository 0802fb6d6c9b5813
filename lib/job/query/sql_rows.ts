/**
 * Runs one SQL statement of the user.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { counted } from "../../util/text/counted.ts";
import type { SqlCell, SqlDatabase, SqlStatement, SqlValue } from "../../util/sqlite.ts";
import { sqlError } from "./_sql_error.ts";

/** A column of the rows of a query. */
export interface SqlColumn {
  readonly name: string;
  /** True when its values are the JSON text of arguments or of results. */
  readonly isJson: boolean;
}

/** The rows that a query returns. */
export interface SqlRows {
  readonly columns: readonly SqlColumn[];
  /** Runs the query. Yields its rows, each with a value for every column. */
  readonly rows: () => Iterable<readonly SqlValue[]>;
}

/**
 * Prepares a query.
 *
 * @param sql one statement that returns rows
 * @throws {UsageError} when the statement is wrong, with the place of the mistake; also while rows
 * are read, for example when a function is called with text that is not JSON.
 */
export function querySql(db: SqlDatabase, sql: string): SqlRows {
  const statement = prepare(db, sql);
  const columns = statement.columns();
  if (columns.length === 0) {
    throw new UsageError("Cannot run the query: it returns no rows, write a select");
  }
  const whole = wholeTexts(db, sql, columns.length) ?? statement;
  whole.setReadBigInts(true);
  whole.setReturnArrays(true);
  let total: number | undefined;
  return {
    columns: columns.map(toColumn),
    rows: () => run(db, whole, sql, () => total ??= countRows(db, sql, columns.length)),
  };
}

/**
 * Prepares a query whose texts with a NUL are blobs, because SQLite returns a text only up to a NUL.
 * The blobs of the user are hexadecimal texts.
 *
 * @returns `undefined` for a statement that is not a select, such as `explain`.
 */
function wholeTexts(db: SqlDatabase, sql: string, width: number): SqlStatement | undefined {
  const cells = namesOf(width).map((name) =>
    `case typeof(${name}) when 'blob' then lower(hex(${name})) when 'text' then ` +
    `iif(instr(${name}, char(0)), cast(${name} as blob), ${name}) else ${name} end`
  );
  return prepareOver(db, sql, width, `${cells}`);
}

/** Prepares a select over the rows of a query; `undefined` for a statement that is not a select. */
function prepareOver(
  db: SqlDatabase,
  sql: string,
  width: number,
  cells: string,
): SqlStatement | undefined {
  const select = tokensOf(sql).filter((token) => token !== ";").join("");
  try {
    return db.prepare(`with whole(${namesOf(width)}) as (${select}\n) select ${cells} from whole`);
  } catch {
    return undefined;
  }
}

function namesOf(width: number): string[] {
  return Array.from({ length: width }, (_, i) => `c${i}`);
}

/**
 * Counts the rows of a query. Computes all their cells, so that a mistake in one is an error.
 *
 * @returns 0 when the number is unknown or changes with each call.
 */
function countRows(db: SqlDatabase, sql: string, width: number): number {
  const isFixed = !/random|now|current|date|time|epoch|julian/i.test(tokensOf(sql).join(""));
  const cells = namesOf(width).map((name) => `max(${name} is null)`);
  const select = isFixed ? prepareOver(db, sql, width, `count(*) as rows, ${cells}`) : undefined;
  if (select) return (select.get() as { readonly rows: number }).rows;
  db.exec(sql);
  return 0;
}

function prepare(db: SqlDatabase, sql: string): SqlStatement {
  if (hasSeveral(sql)) {
    throw new UsageError("Cannot run the query: it has several statements, write only one");
  }
  try {
    return db.prepare(sql);
  } catch (error) {
    throw sqlError(db, sql, error as Error);
  }
}

function* run(
  db: SqlDatabase,
  statement: SqlStatement,
  sql: string,
  count: () => number,
): Generator<readonly SqlValue[]> {
  let rows = 0;
  try {
    const total = count();
    for (const row of statement.iterate() as Iterable<readonly SqlCell[]>) {
      rows++;
      yield row.map(toValue);
    }
    if (rows >= total) return;
    // The iterator ends at an error as if there were no more rows. This call reports the error.
    db.exec(sql);
  } catch (error) {
    throw sqlError(db, sql, error as Error);
  }
  throw new Error(
    `Cannot run the query: the disk has failed after ${counted(rows, "row")}, check the disk and ` +
      "try again",
  );
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

function toValue(cell: SqlCell): SqlValue {
  return cell instanceof Uint8Array ? DECODER.decode(cell) : cell;
}

function toColumn({ name, column }: { name: string; column: string | null }): SqlColumn {
  return { name, isJson: column === "args" || column === "result" };
}

// Strings, names in quotes, comments, or single characters.
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*.*?\*\/|[^]/gs;

/** Returns true when SQL follows a semicolon. SQLite itself would not run it, nor report it. */
function hasSeveral(sql: string): boolean {
  const tokens = tokensOf(sql).filter((token) => !/^(?:\s|--|\/\*)/.test(token));
  const end = tokens.indexOf(";");
  return end >= 0 && tokens.slice(end).some((token) => token !== ";");
}

function tokensOf(sql: string): readonly string[] {
  return sql.match(TOKEN) ?? [];
}
