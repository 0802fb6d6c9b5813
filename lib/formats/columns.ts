/**
 * The columns of a table of JSON values.
 *
 * @module
 */

import { isEmptyAt, isObjectAt, skipSpace, stringOf, valueEnd } from "../values/json_scan.ts";
import { stringEnd } from "../values/exact_json.ts";

/** Receives the JSON text of a cell, and the index of its column. */
export type TakeCell = (column: number, json: string) => void;

/** A key in the values, and the column of what it contains. */
interface Key {
  /** The keys that lead to it, and its own. */
  readonly path: readonly string[];
  /** The key with its quotes, as it is written in the values. */
  readonly json: string;
  readonly keys: Map<string, Key>;
  /** The index of its column; -1 while it has none, -2 when its column was removed. */
  column: number;
  /** True when a value is neither `null` nor an object whose keys have columns. */
  hasValue: boolean;
  /** The first key inside the last value of this key. */
  first?: Key | undefined;
  /** The key that followed this key in the last value. */
  next?: Key | undefined;
}

const QUOTE = 34, COMMA = 44, SMALL_N = 110, REMOVED = -2;

/**
 * The columns of JSON values, in the order in which their keys appear. A value that is not an object
 * has one column, whose path is empty.
 *
 * @example
 * ```ts
 * import { Columns } from "./columns.ts";
 *
 * const columns = new Columns(true), cells: string[] = [];
 * columns.read('{"a":{"b":1.10},"c":[2]}', (column, json) => cells[column] = json);
 * if (columns.paths.join("; ") !== "a,b; c") throw new Error(columns.paths.join("; "));
 * if (cells.join("; ") !== "1.10; [2]") throw new Error(cells.join("; "));
 * ```
 */
export class Columns {
  /** The keys that lead to the values of each column. */
  paths: (readonly string[])[] = [];
  /** The number of cells that were read. */
  count = 0;
  #root = newKey([], "");
  /** The keys of the columns. */
  #keys: Key[] = [];

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
   * Reads one value, and adds the columns that are missing.
   *
   * @param text the value, as JSON text
   * @param take receives each cell of the value, but not those that are missing in it
   */
  read(text: string, take?: TakeCell): void {
    const start = skipSpace(text, 0), root = this.#root;
    if (!isObjectAt(text, start)) this.#readCell(text, start, valueEnd(text, start), root, take);
    else if (!isEmptyAt(text, start)) this.#readObject(text, start, root, take);
    else if (root.column >= 0) take?.(root.column, "{}");
  }

  /**
   * Removes the column of each key that was always `null` or an object, because the keys inside have
   * columns. Call this when all values have been read once.
   *
   * @returns the former indexes of the columns that are left.
   */
  close(): number[] {
    const left = this.#keys.flatMap(({ hasValue, keys }, i) =>
      hasValue || keys.size === 0 ? i : []
    );
    for (const key of this.#keys) key.column = REMOVED;
    this.#keys = left.map((i) => this.#keys[i]!);
    this.#keys.forEach((key, i) => key.column = i);
    this.paths = this.#keys.map(({ path }) => path);
    return left;
  }

  /** Returns the offset after the object. */
  #readObject(text: string, start: number, parent: Key, take: TakeCell | undefined): number {
    let at = skipSpace(text, start + 1), last: Key | undefined;
    while (text.charCodeAt(at) === QUOTE) {
      // Most values have the same keys in the same order, which need no look-up.
      const expected = last ? last.next : parent.first;
      let key = expected, end = at + (expected?.json.length ?? 0);
      if (!expected || !text.startsWith(expected.json, at)) {
        end = stringEnd(text, at) + 1;
        key = keyOf(text, at, end, parent);
        if (last) last.next = key;
        else parent.first = key;
      }
      last = key!;
      // The colon is between the key and the value.
      at = this.#readMember(text, skipSpace(text, skipSpace(text, end) + 1), last, take);
      at = skipSpace(text, at);
      if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  #readMember(text: string, from: number, key: Key, take: TakeCell | undefined): number {
    if (this.isDeep && isObjectAt(text, from) && !isEmptyAt(text, from)) {
      return this.#readObject(text, from, key, take);
    }
    return this.#readCell(text, from, valueEnd(text, from), key, take);
  }

  #readCell(text: string, from: number, to: number, key: Key, take: TakeCell | undefined): number {
    const column = this.#columnOf(key);
    if (!key.hasValue) key.hasValue = text.charCodeAt(from) !== SMALL_N;
    this.count++;
    if (take && column !== REMOVED) take(column, text.slice(from, to));
    return to;
  }

  #columnOf(key: Key): number {
    if (key.column === -1) {
      key.column = this.paths.push(key.path) - 1;
      this.#keys.push(key);
    }
    return key.column;
  }
}

/** Returns the key between two offsets. */
function keyOf(text: string, from: number, to: number, { path, keys }: Key): Key {
  const name = stringOf(text, from, to), known = keys.get(name);
  if (known) return known;
  const key = newKey([...path, name], text.slice(from, to));
  keys.set(name, key);
  return key;
}

function newKey(path: readonly string[], json: string): Key {
  const none = { column: -1, hasValue: false, first: undefined, next: undefined };
  return { path, json, keys: new Map(), ...none };
}
