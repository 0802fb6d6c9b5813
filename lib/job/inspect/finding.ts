/**
 * The outcome of the check of one file of a job.
 *
 * @module
 */

/** The outcome of the check of one file. */
export interface Finding {
  /** The name of the file. */
  readonly file: string;
  /** True when the file contains what was written to it, as far as that is known. */
  readonly isSound: boolean;
  /** The reason, or the numbers that were checked. */
  readonly text: string;
}

/** Returns the finding about a file that is not damaged, as far as that is known. */
export function sound(file: string, text: string): Finding {
  return { file, isSound: true, text };
}

/** Returns the finding about a damaged file. */
export function damaged(file: string, text: string): Finding {
  return { file, isSound: false, text };
}
