/**
 * Retries for requests to a system that does not answer.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";
import { messageOf } from "../../util/errors.ts";

// A system that is being restarted usually answers again within seconds.
const BUSY_MS = 10_000;

/** Settings of {@linkcode Patience}. */
export interface PatienceOptions {
  /** The system's name in messages. */
  readonly label: string;
  /** Ends all waits when aborted. */
  readonly signal: AbortSignal;
  /** Receives messages for the user. */
  readonly warn: (text: string) => void;
  /** Returns true when parts of the job are on the system. */
  readonly isNeeded: () => boolean;
  /** The delay before each retry, in milliseconds. @default {10_000} */
  readonly waitMs?: number;
}

/**
 * Retries requests while a system does not answer. Parts on the system continue to run meanwhile.
 */
export class Patience {
  #options: PatienceOptions;
  #aborted: Promise<never>;

  /** Creates the retry policy of one job. */
  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#aborted = rejectedBy(options.signal);
  }

  /**
   * Makes a request, and retries it after temporary errors while parts of the job are under way.
   *
   * @param isPassing returns true for a temporary error
   * @throws the last error when it is permanent or no part is under way. An abort throws that error
   * or the signal's reason.
   */
  async ask<T>(ask: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T> {
    const { signal, warn, isNeeded, label, waitMs = BUSY_MS } = this.#options;
    for (;;) {
      try {
        return await Promise.race([ask(), this.#aborted]);
      } catch (error) {
        if (!isPassing(error) || !isNeeded() || signal.aborted) throw error;
        warn(`${capitalized(label)} does not answer and is asked again: ${messageOf(error)}`);
        await delay(waitMs, [signal]);
        if (signal.aborted) throw error;
      }
    }
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  // An abort without a pending request must not be reported as an unhandled rejection.
  promise.catch(() => {});
  return promise;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
