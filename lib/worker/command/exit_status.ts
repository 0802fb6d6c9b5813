/**
 * The failure of a program, from its exit status and the end of its stderr.
 *
 * @see https://tldp.org/LDP/abs/html/exitcodes.html for the statuses of shells.
 *
 * @module
 */

import type { FailureClass, TaskError } from "../../journal/format.ts";
import type { ProcessStatus } from "../../util/process/process_status.ts";

/** The status of a program that has failed. */
type ExitStatus = Pick<ProcessStatus, "code" | "signal">;

// A shell reports the death of its last program as 128 and the number of the signal.
const SHELL_SIGNAL = 128;
/** The signals that are faults of a program, by their numbers. */
const FAULTS: Readonly<Record<number, Deno.Signal>> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  11: "SIGSEGV",
};
/** The other signals that often end a program. Its own fault is not the cause. */
const ENDS: Readonly<Record<number, Deno.Signal>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
};
const SIGKILL = 9;
// The status of the program `timeout` when the limit is reached.
const TIMED_OUT = 124;

// The status for a failure that passes, EX_TEMPFAIL of sysexits.h, such as the limit of a service.
const TEMPORARY = 75;

/**
 * Returns the error of a task whose program failed.
 *
 * @param name the name of the program
 * @param stderr the end of its stderr
 */
export function exitError(name: string, status: ExitStatus, stderr: string): TaskError {
  const lines = stderr.trimEnd().split("\n").map(shownLine), last = lines.at(-1)!.trim();
  const message = `${name} ${endText(status)}${last && `: ${last}`}`;
  const stack = lines.length > 1 ? lines.join("\n") : undefined;
  return { message, type: "ExitStatus", class: classOf(status), stack };
}

/** Returns what a terminal shows of a line: a progress bar writes over itself after each `\r`. */
function shownLine(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}

function classOf({ code, signal }: ExitStatus): FailureClass {
  if (code === SHELL_SIGNAL + SIGKILL) return "oom";
  if (code === TIMED_OUT) return "timeout";
  if (code === TEMPORARY) return "limited";
  return signal !== null || code - SHELL_SIGNAL in FAULTS ? "crash" : "error";
}

function endText({ code, signal }: ExitStatus): string {
  if (signal === "SIGKILL" || code === SHELL_SIGNAL + SIGKILL) return KILLED;
  if (signal) return `was killed by ${signal}`;
  const number = code - SHELL_SIGNAL, name = FAULTS[number] ?? ENDS[number];
  return `exited with status ${code}${name ? ` (${name})` : ""}`;
}

const KILLED = "was killed (SIGKILL), often by the kernel's out-of-memory killer, " +
  "try fewer --workers";
