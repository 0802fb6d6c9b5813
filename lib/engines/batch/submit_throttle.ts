/**
 * The times of submissions: many tasks at once, and late ones together.
 *
 * @module
 */

import type { TaskBuffer } from "./task_buffer.ts";

// A list that is read quickly is submitted as a whole; the controller does not wait for a slow one.
const GATHER_MS = 150, MAX_GATHER_MS = 2000;
// While parts are under way, the next submission waits for more tasks: each time longer.
const SPACING_MS = 1000, MAX_SPACING_MS = 15_000;

/** The state of the scheduler when it is about to submit. */
export interface SubmitState {
  /** True when the tasks that wait fill a submission. */
  readonly isFull: boolean;
  /** True when no part is under way. */
  readonly isAlone: boolean;
}

/** Decides when the tasks that wait are submitted. All times are those of `performance.now()`. */
export class SubmitThrottle {
  /** The longest time between two looks while tasks wait, in milliseconds. */
  readonly lookMs: number = GATHER_MS;
  #count = 0;
  #last = -Infinity;
  #notBefore = 0;

  /** True when something was submitted before. */
  get hasSubmitted(): boolean {
    return this.#count > 0;
  }

  /** Returns true when no more tasks are expected for now. */
  isStill(
    { isEnded, first, last }: Pick<TaskBuffer, "isEnded" | "first" | "last">,
    now: number,
  ): boolean {
    return isEnded || now - last >= GATHER_MS || now - first >= MAX_GATHER_MS;
  }

  /** Returns true when a submission is due. */
  isDue(now: number, { isFull, isAlone }: SubmitState): boolean {
    if (now < this.#notBefore) return false;
    const spacing = Math.min(SPACING_MS * this.#count, MAX_SPACING_MS);
    return isAlone || isFull || now - this.#last >= spacing;
  }

  /** Records a submission. */
  submitted(now: number): void {
    this.#count++;
    this.#last = now;
  }

  /** Holds submissions back until a time. */
  holdUntil(time: number): void {
    this.#notBefore = time;
  }
}
