/**
 * The state of a process, from Linux's folder `/proc`.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html | proc_pid_stat(5)}
 *
 * @module
 */

import { readIfThere } from "../files/fs.ts";

/** The state of a process at one moment. */
export interface ProcessStat {
  /** The state, such as `R`; `Z` is a process that has ended and that its parent has not noticed. */
  readonly state: string;
  /** The id of the parent. */
  readonly parent: number;
  /** The id of the session, which is that of the process that created it. */
  readonly session: number;
  /** The time when the process started, which tells it from a later process with the same id. */
  readonly started: string;
  /** The resident memory in bytes. */
  readonly resident: number;
  /** The CPU time of the process and of its children that have ended, in milliseconds. */
  readonly cpu: number;
}

const PAGE = 4096;
// The places of the values, counted from the state.
const PARENT = 1, SESSION = 3, TIMES = 11, STARTED = 19, RESIDENT = 21;
// The unit of the four times, which is the same on all systems of today.
const TICK_MS = 10;

/** Returns the state of a process; undefined when it is gone, and on systems without `/proc`. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === "") return undefined;
  // The program's name, which comes before the state, may contain blanks and parentheses.
  const values = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    state: values[0]!,
    parent: Number(values[PARENT]),
    session: Number(values[SESSION]),
    started: values[STARTED]!,
    resident: Number(values[RESIDENT]) * PAGE,
    cpu: values.slice(TIMES, TIMES + 4).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS,
  };
}

/**
 * Returns the function of the kernel in which the main thread of a process waits; undefined when it
 * does not wait or this is unknown.
 *
 * @see {@link https://man7.org/linux/man-pages/man5/proc_pid_wchan.5.html | proc_pid_wchan(5)}
 */
export function readWaitPlace(pid: number): string | undefined {
  const place = readIfThere(`/proc/${pid}/wchan`);
  // It is also 0 for users who may not see it.
  return place === "" || place === "0" ? undefined : place;
}
