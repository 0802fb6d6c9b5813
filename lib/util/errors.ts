/**
 * The class of errors that callers may want to catch. All other errors are instances of built-in
 * classes.
 *
 * @module
 */

/** The kinds of errors that programs can tell apart. A code keeps its meaning. */
export type ErrorCode =
  | "usage"
  | "job_not_found"
  | "job_ambiguous"
  | "job_running"
  | "job_damaged"
  | "job_newer"
  | "tasks_failed"
  | "interrupted"
  | "results_differ"
  | "jobs_left_out"
  | "not_removed"
  | "not_ready"
  | "failed";

const ERROR_CODES: readonly ErrorCode[] = [
  "usage",
  "job_not_found",
  "job_ambiguous",
  "job_running",
  "job_damaged",
  "job_newer",
  "tasks_failed",
  "interrupted",
  "results_differ",
  "jobs_left_out",
  "not_removed",
  "not_ready",
  "failed",
];

/** Facts about an error for programs. */
export interface ErrorFacts extends ErrorOptions {
  /** The kind of the error. @default {"usage"} */
  readonly code?: ErrorCode | undefined;
  /** The command to run next. @default {none} */
  readonly next?: string | undefined;
}

/**
 * An error in the caller's request, such as an invalid option, an unknown name or an unreadable
 * file. A retry cannot help. The command line prints the message without a stack and exits with 2.
 *
 * @example
 * ```ts
 * import { Job, UsageError } from "dl_jobs";
 *
 * try {
 *   await new Job({ moduleName: "./lost.ts", argsList: 1, quiet: true }).run();
 *   throw new Error("it was found");
 * } catch (error) {
 *   if (!(error instanceof UsageError)) throw error;
 *   if (!error.message.startsWith("Cannot find ./lost.ts")) throw error;
 * }
 * ```
 */
export class UsageError extends Error {
  /** @ignore */
  override readonly name = "UsageError";
  /** The kind of the error, for programs. */
  readonly code: ErrorCode;
  /** The command to run next. */
  readonly next: string | undefined;

  /** Creates an error. */
  constructor(message: string, { code = "usage", next, ...options }: ErrorFacts = {}) {
    super(message, options);
    this.code = code;
    this.next = next;
  }
}

/** Returns the message of an error, or the text of any other value that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : Deno.inspect(error);
}

/** Returns the kind of an error. */
export function codeOf(error: unknown): ErrorCode {
  const { code } = (error ?? {}) as ErrorFacts;
  return ERROR_CODES.find((one) => one === code) ??
    (error instanceof UsageError ? "usage" : "failed");
}

/** Adds facts for programs to an error. */
export function withFacts<E extends Error>(error: E, { code, next }: ErrorFacts): E {
  return Object.assign(error, { code, next });
}

/**
 * Returns the first error inside a `SuppressedError`, because later errors, thrown while closing,
 * are often its consequences. Returns any other value unchanged.
 */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}
