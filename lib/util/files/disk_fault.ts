/**
 * Errors of disks, which tell nothing about whether a file exists or a path is wrong.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/** Returns true when the message of a system error states that a disk is full or broken. */
function isDiskFault(message: string): boolean {
  return /\(os error (?:5|28|122)\)/.test(message);
}

/**
 * Checks that an error does not come from the disk, so that the file is missing.
 *
 * @throws {Error} when the disk reports an error.
 */
export function assertNoDiskFault(path: string | URL, cause: Error): void {
  if (!isDiskFault(cause.message)) return;
  const [reason] = cause.message.split(": ", 1), name = path instanceof URL ? path.pathname : path;
  throw new Error(`Cannot read ${name}: ${reason}, check the disk and try again`, { cause });
}

/**
 * Returns the error of a place that the user chose. It is a {@linkcode UsageError}, unless the disk is
 * at fault.
 *
 * @param text what failed, and the reason of the system
 * @param next the way out, which helps unless the disk is at fault
 */
export function placeError(text: string, cause: Error, next?: string): Error {
  if (isDiskFault(text)) return new Error(`${text}, fix this and try again`, { cause });
  return new UsageError(next ? `${text}, ${next}` : text, { cause });
}
