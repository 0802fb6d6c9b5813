/**
 * Runs one SQL statement of the user.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
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
  let calls = 0;
  return {
    columns: columns.map(toColumn),
    rows: () => run(db, whole, sql, ++calls === 1),
  };
}

/**
 * Prepares a query whose texts with a NUL are blobs, because SQLite returns a text only up to a NUL.
 * The blobs of the user are hexadecimal texts.
 *
 * @returns `undefined` for a statement that is not a select, such as `explain`.
 */
function wholeTexts(db: SqlDatabase, sql: string, width: number): SqlStatement | undefined {
  const names = Array.from({ length: width }, (_, i) => `c${i}`);
  const cells = names.map((name) =>
    `case typeof(${name}) when 'blob' then lower(hex(${name})) when 'text' then ` +
    `iif(instr(${name}, char(0)), cast(${name} as blob), ${name}) else ${name} end`
  );
  const select = tokensOf(sql).filter((token) => token !== ";").join("");
  try {
    return db.prepare(`with whole(${names}) as (${select}\n) select ${cells} from whole`);
  } catch {
    return undefined;
  }
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
  isFirst: boolean,
): Generator<readonly SqlValue[]> {
  try {
    // Only this call reports an error. The iterator ends at one as if there were no more rows.
    if (isFirst) db.exec(sql);
    for (const row of statement.iterate() as Iterable<readonly SqlCell[]>) yield row.map(toValue);
  } catch (error) {
    throw sqlError(db, sql, error as Error);
  }
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
