/**
 * The error of workers that do not start, and its way from the machine of the workers.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";

/**
 * The error of workers that the machine refuses or kills before they are ready. The function is not
 * at fault: the job stays, and can be resumed.
 */
export class StartError extends Error {
  /** @param text the message without the command, which holds on the controller's machine only */
  constructor(readonly text: string, options?: ErrorOptions) {
    super(`${text}, then run dl_jobs resume`, options);
  }
}

/**
 * Returns the text that tells the controller why a machine cannot run the tasks of a job.
 *
 * @throws {unknown} any other error than those of the function and of the start of workers.
 */
export function brokenText(error: unknown): string {
  if (error instanceof StartError) return error.text;
  if (error instanceof UsageError) return error.message;
  throw error;
}

/** Names the machine in an error of the function, because other machines may have other software. */
export function withMachine(message: string, machine: string): string {
  return message.replace(/^Cannot [\w ]+(?=:)/, (action) => `${action} on ${machine}`);
}
