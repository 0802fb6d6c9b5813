/**
 * A limit on the time in which nothing happens.
 *
 * @module
 */

import { formatDuration } from "../../util/time/duration.ts";
import { startLightTimer } from "../../util/time/light_timer.ts";

/**
 * Calls a function once nothing has happened for a time. The limit ends on disposal.
 *
 * @example
 * ```ts
 * import { SilenceLimit } from "./silence_limit.ts";
 *
 * const { promise, resolve } = Promise.withResolvers<void>();
 * using limit = new SilenceLimit(10, resolve);
 * limit.restart();
 * await promise;
 * if (!limit.hasPassed) throw new Error("it has not passed");
 * ```
 */
export class SilenceLimit implements Disposable {
  /** True once the limit has passed. */
  hasPassed = false;
  #ms: number;
  #onPassed: () => void;
  #since = performance.now();
  #stop = () => {};

  /**
   * Begins to wait.
   *
   * @param ms the limit, in milliseconds; `undefined` for no limit
   */
  constructor(ms: number | undefined, onPassed: () => void) {
    this.#ms = ms ?? 0;
    this.#onPassed = onPassed;
    if (ms !== undefined) this.#wait(ms);
  }

  /** The limit as a text, such as `15.0 s`. */
  get text(): string {
    return formatDuration(this.#ms);
  }

  /** Begins the time again, because something happened. */
  restart(): void {
    this.#since = performance.now();
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  // A timer cannot be moved, so it looks at its end how much is left: a restart costs nothing.
  #wait(ms: number): void {
    this.#stop = startLightTimer(() => {
      const left = this.#since + this.#ms - performance.now();
      if (left > 0) return this.#wait(left);
      this.hasPassed = true;
      this.#onPassed();
    }, ms);
  }
}
