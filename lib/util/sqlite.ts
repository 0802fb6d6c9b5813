/**
 * SQLite, which is loaded on first use.
 *
 * @see https://nodejs.org/api/sqlite.html
 *
 * @module
 */

import { nodeModule } from "./node_module.ts";

/** A value that is written to a cell. */
export type SqlValue = string | number | bigint | null;
/** A value that is read from a cell. */
export type SqlCell = SqlValue | Uint8Array;

/** The part of a prepared statement that the library uses. */
export interface SqlStatement {
  run(...values: readonly SqlValue[]): unknown;
  /** Returns the first row as an object. */
  get(...values: readonly SqlValue[]): unknown;
  /** Returns the rows, as arrays after `setReturnArrays(true)`. */
  iterate(...values: readonly SqlValue[]): Iterable<unknown>;
  /** Describes the columns of the rows; the name in a table is `null` for an expression. */
  columns(): readonly { readonly name: string; readonly column: string | null }[];
  setReadBigInts(isOn: boolean): void;
  setReturnArrays(isOn: boolean): void;
}

/** The part of a connection that the library uses. */
export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  close(): void;
  readonly limits: { attach: number };
}

/**
 * Opens a database, and creates it if it is missing.
 *
 * @param path the path of its file; `:memory:` for a database in memory
 */
export function openDatabase(path: string): SqlDatabase {
  type Sqlite = { readonly DatabaseSync: new (path: string) => SqlDatabase };
  const { DatabaseSync } = nodeModule<Sqlite>("node:sqlite");
  return new DatabaseSync(path);
}
