/**
 * The columns of a table of JSON values.
 *
 * @module
 */

import { eachMember, isEmptyAt, isObjectAt, skipSpace } from "../values/json_scan.ts";

/** A key in the values, and the column of what it contains. */
interface Key {
  readonly path: readonly string[];
  readonly keys: Map<string, Key>;
  column: number;
}

/**
 * The columns of JSON values, in the order in which their keys appear. A value that is not an object
 * has one column, whose path is empty.
 *
 * @example
 * ```ts
 * import { Columns } from "./columns.ts";
 *
 * const columns = new Columns(true), cells: string[] = [];
 * columns.read('{"a":{"b":1.10},"c":[2]}', cells);
 * if (columns.paths.join("; ") !== "a,b; c") throw new Error(columns.paths.join("; "));
 * if (cells.join("; ") !== "1.10; [2]") throw new Error(cells.join("; "));
 * ```
 */
export class Columns {
  /** The keys that lead to the values of each column. */
  readonly paths: (readonly string[])[] = [];
  #root: Key = { path: [], keys: new Map(), column: -1 };

  /**
   * Creates columns without values.
   *
   * @param isDeep true when the keys of objects inside the values have their own columns
   */
  constructor(readonly isDeep: boolean) {}

  /** Adds the column of values that are not objects. */
  addValues(): void {
    this.#columnOf(this.#root);
  }

  /**
   * Reads the cells of one value, and adds the columns that are missing.
   *
   * @param text the value, as JSON text
   * @param cells receives the JSON text of each cell, at the index of its column
   */
  read(text: string, cells: string[]): void {
    const start = skipSpace(text, 0);
    if (!isObjectAt(text, start)) cells[this.#columnOf(this.#root)] = text.slice(start).trimEnd();
    else if (!isEmptyAt(text, start)) this.#readKeys(text, start, this.#root, cells);
    else if (this.#root.column >= 0) cells[this.#root.column] = "{}";
  }

  #readKeys(text: string, start: number, { path, keys }: Key, cells: string[]): void {
    eachMember(text, start, (name, from, to) => {
      let key = keys.get(name);
      if (!key) keys.set(name, key = { path: [...path, name], keys: new Map(), column: -1 });
      const hasKeys = this.isDeep && isObjectAt(text, from) && !isEmptyAt(text, from);
      if (hasKeys) this.#readKeys(text, from, key, cells);
      else cells[this.#columnOf(key)] = text.slice(from, to);
    });
  }

  #columnOf(key: Key): number {
    if (key.column < 0) key.column = this.paths.push(key.path) - 1;
    return key.column;
  }
}
