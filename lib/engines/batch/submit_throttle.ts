/**
 * The timing of submissions, which gathers tasks into few large submissions.
 *
 * @module
 */

import type { TaskBuffer } from "./task_buffer.ts";

// A pause of GATHER_MS shows that no more tasks are ready; MAX_GATHER_MS limits the total wait.
const GATHER_MS = 150, MAX_GATHER_MS = 2000;
// While parts are under way, each submission waits longer than the last, to gather more tasks.
const SPACING_MS = 1000, MAX_SPACING_MS = 15_000;

/** The state of the scheduler that affects the time of the next submission. */
export interface SubmitState {
  /** True when the waiting tasks fill a submission. */
  readonly isFull: boolean;
  /** True when no part is under way. */
  readonly isAlone: boolean;
}

/** Decides when waiting tasks are submitted. All times are those of `performance.now()`. */
export class SubmitThrottle {
  /** The longest time between two checks while tasks are waiting, in milliseconds. */
  readonly lookMs: number = GATHER_MS;
  #count = 0;
  #last = -Infinity;
  #notBefore = 0;

  /** True after the first submission. */
  get hasSubmitted(): boolean {
    return this.#count > 0;
  }

  /** Returns true when no more tasks are expected soon, or the oldest has waited long enough. */
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

  /** Records a submission at the time `now`. */
  submitted(now: number): void {
    this.#count++;
    this.#last = now;
  }

  /** Delays submissions until a time. */
  holdUntil(time: number): void {
    this.#notBefore = time;
  }
}
