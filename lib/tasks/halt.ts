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

/** The numbers of tasks that have ended, and of all tasks if it is known. */
interface EndCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly total?: number | undefined;
}

/**
 * Returns true when the number of failures reaches the limit of `halt`.
 *
 * @param halt the limit
 * @param counts the counts of the job
 * @param before the number of tasks that failed before this run, which are not counted
 */
export function isTooMany({ most, isPart }: Amount, counts: EndCounts, before: number): boolean {
  const failed = counts.failed - before;
  if (!isPart) return failed >= most;
  const { succeeded, total = counts.failed + succeeded } = counts;
  // While the length of the list is unknown, a share means little before 100 tasks have ended.
  return (counts.total !== undefined || total >= 100) && failed / total >= most;
}
