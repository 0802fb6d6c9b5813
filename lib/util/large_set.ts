/**
 * Sets of any size.
 *
 * @module
 */

// A `Set` of V8 throws at 2^24 elements.
const MOST = 2 ** 23;

/** A set of texts that may have more elements than a `Set`. */
export class LargeSet {
  #full: Set<string>[] = [];
  #last = new Set<string>();

  /**
   * Creates an empty set.
   *
   * @param most the most elements of a part
   */
  constructor(readonly most: number = MOST) {}

  /** True when the set has no element. */
  get isEmpty(): boolean {
    return this.#full.length === 0 && this.#last.size === 0;
  }

  /** Adds a text. Returns false when the set has it already. */
  add(text: string): boolean {
    if (this.#full.some((part) => part.has(text))) return false;
    const last = this.#last, { size } = last;
    if (last.add(text).size === size) return false;
    if (last.size === this.most) {
      this.#full.push(last);
      this.#last = new Set();
    }
    return true;
  }
}
