/**
 * The number of failures after which a job halts.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** The number or share of failures after which no more tasks start. */
export interface Halt {
  /** The number of failures, or their share of the list, such as 0.05. */
  readonly most: number;
  /** True when `most` is a share of the list. */
  readonly isPart: boolean;
}

/**
 * Parses the option `halt`: a number of failures such as `10`, or a share of the list such as `5%`.
 *
 * @throws {UsageError} when the text is neither, the number is 0, or the share is above 100%.
 */
export function parseHalt(text: string): Halt {
  const found = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  const most = Number(found?.[1]), isPart = found?.[2] === "%";
  if (most > 0 && (isPart ? most <= 100 : Number.isSafeInteger(most))) {
    return { most: isPart ? most / 100 : most, isPart };
  }
  throw new UsageError(
    `Cannot halt after "${text}": write a number or share of failures, such as 10 or 5%`,
  );
}
