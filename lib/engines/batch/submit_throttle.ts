/**
 * Delays submissions to gather tasks into a few large submissions.
 *
 * @module
 */

import type { TaskBuffer } from "./task_buffer.ts";

// After GATHER_MS without a new task, no more tasks are expected soon. MAX_GATHER_MS limits the
// total wait.
const GATHER_MS = 150, MAX_GATHER_MS = 2000;
// While parts are under way, each submission increases the delay before the next by SPACING_MS, up
// to MAX_SPACING_MS.
const SPACING_MS = 1000, MAX_SPACING_MS = 15_000;

/** The state of the scheduler that affects the time of the next submission. */
export interface SubmitState {
  /** True when the waiting tasks fill a submission. */
  readonly isFull: boolean;
  /** True when no part is under way. */
  readonly isAlone: boolean;
}

/** Decides when to submit waiting tasks. All times are values of `performance.now()`. */
export class SubmitThrottle {
  /** The longest time between two checks while tasks are waiting, in milliseconds. */
  readonly lookMs: number = GATHER_MS;
  #count = 0;
  #last = -Infinity;
  #notBefore = 0;
  #endsAlone = false;

  /** True after the first submission. */
  get hasSubmitted(): boolean {
    return this.#count > 0;
  }

  /**
   * Returns true when no more tasks are expected soon, or the oldest task has waited long enough.
   */
  isStill(
    { isEnded, first, last }: Pick<TaskBuffer, "isEnded" | "first" | "last">,
    now: number,
  ): boolean {
    return isEnded || now - last >= GATHER_MS || now - first >= MAX_GATHER_MS;
  }

  /** Returns true when a submission is due. */
  isDue(now: number, { isFull, isAlone }: SubmitState): boolean {
    if (now < this.#notBefore && !(isAlone && this.#endsAlone)) return false;
    const spacing = Math.min(SPACING_MS * this.#count, MAX_SPACING_MS);
    return isAlone || isFull || now - this.#last >= spacing;
  }

  /** Records a submission at the time `now`. */
  submitted(now: number): void {
    this.#count++;
    this.#last = now;
  }

  /**
   * Delays the next submission until `time`.
   *
   * @param endsAlone true to delay it only while parts are under way. @default {false}
   */
  holdUntil(time: number, endsAlone = false): void {
    this.#notBefore = time;
    this.#endsAlone = endsAlone;
  }
}
