/**
 * Processes that the system refuses to start, because a limit on processes, open files or memory is
 * reached. The program is not at fault: it may start when another process has ended.
 *
 * @module
 */

const PROCESSES = "the limit on processes is reached, raise it (ulimit -u, or the limit of the " +
  "container or cgroup)";
const FILES = "the limit on open files is reached, raise it (ulimit -n)";
const MEMORY = "the machine has no memory for another process, free some";

/** The reasons by the numbers of errors. EAGAIN has a number of its own on macOS. */
const REASONS: Readonly<Record<string, string>> = {
  11: PROCESSES,
  35: PROCESSES,
  12: MEMORY,
  23: FILES,
  24: FILES,
};
// Deno also writes this after its start, when it needs another thread. Scripts such as those of
// pyenv and conda start the interpreter as their child.
const REPORTS = [
  /^Deno could not start: unable to create worker threads/m,
  /\bfork: (?:retry: )?Resource temporarily unavailable$/m,
  /: Cannot fork$/m,
];

/**
 * Returns the limit that prevents a start, with advice.
 *
 * @example
 * ```ts
 * import { startLimitOf } from "./refused_start.ts";
 *
 * const reason = startLimitOf(new Error("Failed to spawn 'cat': Too many open files (os error 24)"));
 * if (!reason?.includes("ulimit -n")) throw new Error(reason);
 * ```
 *
 * @param error the error of the start
 * @returns undefined when the start failed for another reason.
 */
export function startLimitOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : "";
  const number = /\(os error (\d+)\)/.exec(message)?.[1];
  return number === undefined ? undefined : REASONS[number];
}

/** Returns the limit that ended a process, with advice, from its stderr; undefined if none did. */
export function startLimitIn(stderr: string): string | undefined {
  return REPORTS.some((report) => report.test(stderr)) ? PROCESSES : undefined;
}
