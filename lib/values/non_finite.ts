/**
 * Warnings about numbers that became `null`.
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
    return this.#count === 0 ? undefined : nonFiniteText(this.#count, this.#first);
  }
}

/** Returns the text about numbers that became `null`, and the place of the first. */
export function nonFiniteText(count: number, first: string): string {
  const values = count === 1 ? "1 value was" : `${count} values were`;
  return `${values} NaN or infinite and became null, first ${first}`;
}
