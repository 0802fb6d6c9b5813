/**
 * The retry policy: the number of attempts for each class of failure, and the wait between
 * attempts.
 *
 * @module
 */

import type { FailureClass } from "../journal/format.ts";
import { backoffMs } from "../util/time/backoff.ts";
import { UsageError } from "../util/errors.ts";

/** The policy for one class of failure. */
export interface ClassPolicy {
  /** The number of attempts, including the first. */
  readonly attempts: number;
  /** The growth factor of the next attempt's limit: time after `timeout`, memory after `oom`. */
  readonly growth: number;
}

/** The policy for each class of failure. */
export type RetryPolicy = { readonly [C in FailureClass]: ClassPolicy };

const CLASSES = ["error", "timeout", "oom", "crash", "lost", "limited"] as const;
// A later attempt would read the same record.
const NEVER: ClassPolicy = { attempts: 1, growth: 1 };
// Lost attempts are the engine's fault, but a task may cause them, so their number is also limited.
const MAX_LOST = 6;
// A limited attempt is not charged, but a service may limit a task without limit.
const MAX_LIMITED = 1000;
const UNCHARGED: { readonly [C in FailureClass]?: number } = {
  lost: MAX_LOST,
  limited: MAX_LIMITED,
};
// The minimum number of attempts for a class with only a growth factor, because the limit grows
// only after a failed attempt.
const GROWING_ATTEMPTS = 3;
const MAX_DELAY_MS = 60_000;
const MOST_ATTEMPTS = 100_000, MOST_GROWTH = 100;

/**
 * Parses a retry policy. The text of each class contains a number of attempts, a growth factor, or
 * both.
 *
 * @example
 * ```ts
 * import { parsePolicy } from "./retry.ts";
 *
 * const policy = parsePolicy({ error: "3", oom: "x2" }, 1);
 * if (policy.error.attempts !== 3 || policy.oom.growth !== 2) throw new Error("not read");
 * if (policy.crash.attempts !== 1) throw new Error("not the default");
 * ```
 *
 * @param texts the policy of each class, such as `{ error: "3", oom: "x2" }`
 * @param maxAttempts the number of attempts for a class without a policy, except `lost` (6) and
 * `limited` (1000)
 * @throws {UsageError} when a class is unknown, or its policy is invalid.
 */
export function parsePolicy(
  texts: Readonly<Record<string, string>>,
  maxAttempts: number,
): RetryPolicy {
  const unknown = Object.keys(texts).find((name) => !(CLASSES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot retry after "${unknown}": the classes of failure are ${CLASSES.join(", ")}`,
    );
  }
  const policies = CLASSES.map((name) =>
    [name, parseClass(name, texts[name], maxAttempts)] as const
  );
  return { ...Object.fromEntries(policies) as Omit<RetryPolicy, "invalid">, invalid: NEVER };
}

function parseClass(
  name: FailureClass,
  text: string | undefined,
  maxAttempts: number,
): ClassPolicy {
  if (text === undefined) return { attempts: UNCHARGED[name] ?? maxAttempts, growth: 1 };
  const found = /^(\d+)?[\s,]*(?:x(\d+(?:\.\d+)?))?$/.exec(text.trim());
  const growth = Number(found?.[2] ?? 1);
  const attempts = Number(found?.[1] ?? Math.max(maxAttempts, GROWING_ATTEMPTS));
  if (!found || text.trim() === "" || attempts === 0) {
    throw new UsageError(
      `Cannot read the retry policy "${name}=${text}": write attempts, a factor or both, ` +
        `such as ${name}=3, ${name}=x2 or "${name}=3 x2"`,
    );
  }
  if (attempts <= MOST_ATTEMPTS && growth >= 1 && growth <= MOST_GROWTH) {
    return { attempts, growth };
  }
  throw new UsageError(
    `Cannot use the retry policy "${name}=${text}": write at most ${MOST_ATTEMPTS} attempts, and ` +
      `a factor from 1 to ${MOST_GROWTH}`,
  );
}

/**
 * Returns the wait after a failed attempt, in milliseconds. The wait doubles with each attempt, up
 * to a minute, and is then reduced by a random amount of up to half.
 *
 * @example
 * ```ts
 * import { retryDelayMs } from "./retry.ts";
 *
 * const waits = [1, 2, 3, 9].map((attempt) => retryDelayMs(attempt, 1000, () => 1));
 * if (waits.join() !== "1000,2000,4000,60000") throw new Error(waits.join());
 * ```
 *
 * @param attempt the attempt that failed, from 1
 * @param backoff the wait after the first attempt, in milliseconds
 * @param random returns a number from 0 (half of the wait) to 1 (the whole wait)
 */
export function retryDelayMs(attempt: number, backoff: number, random = Math.random): number {
  const ms = backoffMs(attempt, { firstMs: backoff, maxMs: MAX_DELAY_MS });
  return ms * (0.5 + random() / 2);
}
