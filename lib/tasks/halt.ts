/**
 * The number of failures after which a job halts.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** The number of failures after which no more tasks start, or their part of the list. */
export interface Halt {
  /** The number, or the part from 0 to 1. */
  readonly most: number;
  /** True when `most` is a part of the list. */
  readonly isPart: boolean;
}

/**
 * Parses the option `halt`: a number of failures such as `10`, or a part of the list such as `5%`.
 *
 * @throws {UsageError} When the text is neither.
 */
export function parseHalt(text: string): Halt {
  const found = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  if (found && Number(found[1]) > 0) {
    const isPart = found[2] === "%";
    return { most: Number(found[1]) / (isPart ? 100 : 1), isPart };
  }
  throw new UsageError(
    `Cannot halt after "${text}": write a number of failures or a part, as 10 or 5%`,
  );
}
