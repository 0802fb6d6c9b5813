/**
 * Warnings about numbers that became `null`, outside of the tasks of a job.
 *
 * @module
 */

/** Counts numbers that JSON cannot represent, and keeps the path of the first. */
export class NonFiniteCount {
  #count = 0;
  #first = "";

  /** Counts a number. */
  add(path: string): void {
    if (this.#count++ === 0) this.#first = path;
  }

  /** The warning about the numbers; `undefined` when there are none. */
  get text(): string | undefined {
    if (this.#count === 0) return undefined;
    const values = this.#count === 1 ? "1 value was" : `${this.#count} values were`;
    return `${values} NaN or infinite and became null, first ${this.#first}`;
  }
}
