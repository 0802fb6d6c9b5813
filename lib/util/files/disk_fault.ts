/**
 * Errors of disks, which tell nothing about whether a file exists.
 *
 * @module
 */

/** Returns true when the message of a system error states that a disk is full or broken. */
export function isDiskFault(message: string): boolean {
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
