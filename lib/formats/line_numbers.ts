/**
 * The lines on which the records of a file begin.
 *
 * @module
 */

/**
 * The number of the line on which each record of a file begins, from 1. Only changes of the distance
 * between records take memory.
 *
 * @example
 * ```ts
 * import { LineNumbers } from "./line_numbers.ts";
 *
 * const lines = new LineNumbers();
 * lines.set(0, 2);
 * lines.set(1, 5);
 * const found = [0, 1, 2].map((record) => lines.of(record));
 * if (found.join() !== "2,5,8") throw new Error(found.join());
 * ```
 */
export class LineNumbers {
  #changes = new Changes();

  /** Restores the numbers from {@linkcode LineNumbers.toJSON}. */
  static from(numbers: readonly number[]): LineNumbers {
    const lines = new LineNumbers();
    lines.#changes = Changes.from(numbers);
    return lines;
  }

  /** The number of changes of the distance between records, which is the size of the object. */
  get size(): number {
    return this.#changes.last + 1;
  }

  /** Returns the record, the line and the distance of each change. */
  toJSON(): number[] {
    const { size } = this, changes = this.#changes;
    return Array.from({ length: size * FIELDS }, (_, i) => {
      const value = changes.get(Math.floor(i / FIELDS), i % FIELDS);
      return i % FIELDS === STEP ? value | 0 : value;
    });
  }

  /** Sets the line of a record. Records are set in order; those between have the same distance. */
  set(record: number, line: number): void {
    if (this.of(record) === line) return;
    const changes = this.#changes, { last } = changes, from = changes.get(last, RECORD);
    if (record === from) changes.set(last, LINE, line);
    else if (record === from + 1) changes.set(last, STEP, line - changes.get(last, LINE));
    else changes.push(record, line);
  }

  /** Counts a line before a record that is not a record. The next records have a line each. */
  skip(record: number): void {
    const line = this.of(record) + 1, { last } = this.#changes;
    if (this.#changes.get(last, RECORD) === record) this.#changes.set(last, LINE, line);
    else this.#changes.push(record, line);
  }

  /** Returns the line of a record. Records after the last one that was set keep its distance. */
  of(record: number): number {
    const changes = this.#changes;
    let low = 0, high = changes.last;
    if (record < changes.get(high, RECORD)) {
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (changes.get(middle, RECORD) <= record) low = middle;
        else high = middle;
      }
      high = low;
    }
    // The records of a part of a list may be in another order, so a step may be negative.
    const step = changes.get(high, STEP) | 0;
    return changes.get(high, LINE) + (record - changes.get(high, RECORD)) * step;
  }
}

/** The fields of a change. */
const RECORD = 0, LINE = 1, STEP = 2, FIELDS = 3;
const PAGE_BITS = 12, PAGE = 1 << PAGE_BITS;

/** The records at which the distance changes, in pages: a growing list would be copied. */
class Changes {
  /** The index of the last change. */
  last = -1;
  #pages: Uint32Array[] = [];

  constructor() {
    this.push(0, 1);
  }

  /** Returns the changes with the fields of a list of numbers. */
  static from(numbers: readonly number[]): Changes {
    const changes = new Changes();
    for (let at = 0; at < numbers.length; at += FIELDS) {
      if (at > 0) changes.push(0, 0);
      for (let field = 0; field < FIELDS; field++) {
        changes.set(changes.last, field, numbers[at + field]!);
      }
    }
    return changes;
  }

  get(index: number, field: number): number {
    return this.#pages[index >> PAGE_BITS]![FIELDS * (index % PAGE) + field]!;
  }

  set(index: number, field: number, value: number): void {
    this.#pages[index >> PAGE_BITS]![FIELDS * (index % PAGE) + field] = value;
  }

  push(record: number, line: number): void {
    this.last++;
    if (this.last % PAGE === 0) this.#pages.push(new Uint32Array(FIELDS * PAGE));
    this.set(this.last, RECORD, record);
    this.set(this.last, LINE, line);
    this.set(this.last, STEP, 1);
  }
}
