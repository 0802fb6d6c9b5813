/**
 * The number of failures after which a job halts.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { type Amount, parseAmount } from "./amount.ts";

/**
 * Parses the option `halt`: a number of failures such as `10`, or a share of the list such as `5%`.
 *
 * @throws {UsageError} when the text is neither, the number is 0, or the share is above 100%.
 */
export function parseHalt(text: string): Amount {
  const amount = parseAmount(text.trim());
  if (amount && amount.most > 0) return amount;
  throw new UsageError(
    `Cannot halt after "${text}": write a number or share of failures, such as 10 or 5%`,
  );
}
