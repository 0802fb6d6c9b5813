/**
 * A limit on the number of updates that a task sends.
 *
 * @module
 */

import { startTimer, stopTimer } from "../util/builtins.ts";
import { clockMs } from "./clock.ts";

/** The shortest time between two updates of one kind, in milliseconds. */
const LEAST_MS = 1000;

/**
 * Sends the first value at once, and later at most one value a second. A value that is replaced
 * before it is sent is dropped.
 */
export class LimitedUpdates<T> {
  #sent = 0;
  #next: { readonly value: T } | undefined;
  #timer: number | undefined;

  /**
   * Creates a limit.
   *
   * @param send sends a value
   */
  constructor(readonly send: (value: T) => void) {}

  /** Sends a value, at once or later. */
  add(value: T): void {
    const wait = this.#sent + LEAST_MS - clockMs();
    this.#next = { value };
    if (wait <= 0) return this.flush();
    this.#timer ??= startTimer(() => this.flush(), wait);
  }

  /** Sends the waiting value, if any. */
  flush(): void {
    const next = this.#next;
    this.drop();
    if (!next) return;
    this.#sent = clockMs();
    this.send(next.value);
  }

  /** Drops the waiting value, if any. */
  drop(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
    this.#timer = undefined;
    this.#next = undefined;
  }
}
