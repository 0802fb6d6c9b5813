/**
 * Retries for requests to a system that does not answer.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";
import { messageOf } from "../../util/errors.ts";
import type { BackendContext } from "./backend.ts";

// A system that is being restarted usually answers again within seconds.
const BUSY_MS = 10_000;

/** Settings of {@linkcode createPatience}. */
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
 * Returns the function that retries the requests of one job. An abort makes it throw the error of the
 * request or the signal's reason.
 */
export function createPatience(
  { signal, warn, isNeeded, label, waitMs = BUSY_MS }: PatienceOptions,
): BackendContext["patiently"] {
  const aborted = rejectedBy(signal);
  return async (ask, isPassing) => {
    for (;;) {
      try {
        return await Promise.race([ask(), aborted]);
      } catch (error) {
        if (!isPassing(error) || !isNeeded() || signal.aborted) throw error;
        warn(`${capitalized(label)} does not answer and is asked again: ${messageOf(error)}`);
        await delay(waitMs, [signal]);
        if (signal.aborted) throw error;
      }
    }
  };
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
