/**
 * Numbers in a list from code that JSON cannot represent.
 *
 * @module
 */

import type { Reporter } from "../../terminal/reporter.ts";
import { UsageError } from "../../util/errors.ts";
import { NonFiniteCount } from "../../values/non_finite.ts";
import type { Settings } from "../options/settings.ts";

/** The job that a list belongs to. */
interface ListOwner {
  readonly settings: Settings;
  readonly reporter: Pick<Reporter, "warn">;
}

/** Counts such numbers, or refuses the first one, and warns once when the list has been read. */
export class ListValues implements Disposable {
  #found = new NonFiniteCount();
  #owner: ListOwner;

  /** Creates the count of one job. */
  constructor(owner: ListOwner) {
    this.#owner = owner;
  }

  /**
   * Counts a number.
   *
   * @param path the element, and the number in it
   * @throws {UsageError} when the option `nan` is `fail`.
   */
  add(path: string): void {
    if (this.#owner.settings.config.nan === "fail") {
      throw new UsageError(`Cannot use ${path}: it is NaN or infinite, use null instead`);
    }
    this.#found.add(path);
  }

  [Symbol.dispose](): void {
    const { text } = this.#found;
    if (text !== undefined) {
      this.#owner.reporter.warn(`In the list, ${text}; --nan fail refuses such a list`);
    }
  }
}
