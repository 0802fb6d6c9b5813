/**
 * The numbers of array tasks of each array that may run at the same time.
 *
 * @module
 */

import { throttleArrays } from "./commands.ts";

/** The throttles of a job's arrays, by their ids; `undefined` without a limit. */
export class ArrayThrottles {
  #throttles = new Map<string, number | undefined>();
  /** The throttle that Slurm has refused. */
  #refused: number | undefined;

  /**
   * Knows no array yet.
   *
   * @param former the throttle of the arrays of an earlier controller
   * @param warn receives a message about each throttle that Slurm refuses
   */
  constructor(readonly former: number | undefined, readonly warn: (text: string) => void) {}

  /** Records the throttle with which an array was submitted. */
  add(array: string, most: number | undefined): void {
    this.#throttles.set(array, most);
  }

  /** Changes the throttles of arrays. A refusal is told once, because each poll tries again. */
  async change(arrays: readonly string[], most: number | undefined): Promise<void> {
    const others = arrays.filter((array) => this.#of(array) !== most);
    if (others.length === 0) return;
    const refusal = await throttleArrays(others, most);
    if (refusal === undefined) others.forEach((array) => this.#throttles.set(array, most));
    else if (this.#refused !== most) {
      this.warn(
        `Warning: Slurm has not changed the number of array tasks that run to ${most ?? "any"}: ` +
          `${refusal}; dl_jobs asks again`,
      );
    }
    this.#refused = refusal === undefined ? undefined : most;
  }

  #of(array: string): number | undefined {
    return this.#throttles.has(array) ? this.#throttles.get(array) : this.former;
  }
}
