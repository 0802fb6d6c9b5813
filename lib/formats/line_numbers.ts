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
  #records = [0];
  #lines = [1];
  #steps = [1];

  /** Sets the line of a record. Records are set in order; those between have the same distance. */
  set(record: number, line: number): void {
    if (this.of(record) === line) return;
    const last = this.#records.length - 1, from = this.#records[last]!;
    if (record === from) this.#lines[last] = line;
    else if (record === from + 1) this.#steps[last] = line - this.#lines[last]!;
    else this.#push(record, line);
  }

  /** Counts a line before a record that is not a record. The next records have a line each. */
  skip(record: number): void {
    const line = this.of(record) + 1, last = this.#records.length - 1;
    if (this.#records[last] === record) this.#lines[last] = line;
    else this.#push(record, line);
  }

  /** Returns the line of a record. Records after the last one that was set keep its distance. */
  of(record: number): number {
    let low = 0, high = this.#records.length - 1;
    if (record < this.#records[high]!) {
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.#records[middle]! <= record) low = middle;
        else high = middle;
      }
      high = low;
    }
    return this.#lines[high]! + (record - this.#records[high]!) * this.#steps[high]!;
  }

  #push(record: number, line: number): void {
    this.#records.push(record);
    this.#lines.push(line);
    this.#steps.push(1);
  }
}
