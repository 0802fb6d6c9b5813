/**
 * Writes many rows to a table of SQLite.
 *
 * @module
 */

import type { SqlDatabase, SqlStatement, SqlValue } from "../util/sqlite.ts";

// A statement for several rows costs half of the time of one for each row. More values save no more.
const VALUES = 320;

/** Writes rows to a table, many with one statement. A row replaces the row with the same key. */
export class TableWriter {
  #values: SqlValue[] = [];
  #width: number;
  #most: number;
  #one: SqlStatement;
  #many: SqlStatement;

  /**
   * Prepares the statements.
   *
   * @param table the name of the table
   * @param width the number of its columns
   */
  constructor(db: SqlDatabase, table: string, width: number) {
    // The values have no numbers, because numbered ones are slow to bind.
    const row = `(${Array(width).fill("?").join()})`;
    const rows = Math.max(1, Math.floor(VALUES / width));
    const insert = (rows: number) =>
      db.prepare(`insert or replace into ${table} values ${Array(rows).fill(row).join()}`);
    this.#width = width;
    this.#one = insert(1);
    this.#many = insert(rows);
    this.#most = rows * width;
  }

  /** Adds a row. */
  add(row: readonly SqlValue[]): void {
    for (const value of row) this.#values.push(value);
    if (this.#values.length < this.#most) return;
    this.#many.run(...this.#values);
    this.#values.length = 0;
  }

  /** Writes the rows that are left. */
  end(): void {
    for (let at = 0; at < this.#values.length; at += this.#width) {
      this.#one.run(...this.#values.slice(at, at + this.#width));
    }
    this.#values.length = 0;
  }
}
