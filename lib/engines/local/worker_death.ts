/**
 * The death of a worker: its failure class, its message, and the tasks that are charged.
 *
 * @module
 */

import {
  attemptFailed,
  type FailedAttempt,
  type FailureClass,
  type TaskError,
} from "../../journal/format.ts";
import type { Task } from "../../tasks/batch.ts";
import { startLimitIn } from "../../util/process/refused_start.ts";
import type { ProcessStatus } from "../../util/process/process_status.ts";
import { formatDuration } from "../../util/time/duration.ts";
import type { Verdict } from "./watchdog.ts";

/** The facts about the death of a worker that was ready. */
export interface WorkerDeath {
  /** The exit status of the process. */
  readonly status: ProcessStatus;
  /** True when the kernel killed the process because memory was short. */
  readonly isOom: boolean;
  /** The last 4096 characters of stderr. */
  readonly stderr: string;
  /** The watchdog's verdict; undefined unless the watchdog killed the worker. */
  readonly verdict: Verdict | undefined;
  /** The first violation of the protocol, after which the worker was killed. @default {none} */
  readonly violation?: string | undefined;
  /** The class of the failure that the worker reported last; undefined after a later result. */
  readonly lastFailure: FailureClass | undefined;
}

/** The tasks that were in flight in a worker that died, grouped by their role in its death. */
export interface Blame {
  /** The failed attempts of the charged tasks. */
  readonly failures: readonly FailedAttempt[];
  /** The tasks that may be the cause. Each task runs again, alone. */
  readonly suspects: readonly Task[];
  /** The tasks that did not cause the death. These tasks run again. */
  readonly innocent: readonly Task[];
}

/** Decides which tasks in flight are charged with a worker's death. */
export function blame(inFlight: readonly Task[], death: WorkerDeath): Blame {
  const { verdict, violation, lastFailure } = death;
  if (verdict) return charge(inFlight, verdict);
  // The task that ended the worker already has its response, so the tasks in flight are not the
  // cause.
  if (lastFailure === "crash" && violation === undefined) {
    return { failures: [], suspects: [], innocent: inFlight };
  }
  const [task, ...others] = inFlight;
  if (!task || others.length > 0) return { failures: [], suspects: inFlight, innocent: [] };
  return charge(inFlight, { ids: [task.id], error: deathError(death) });
}

/** Returns the message of a violation of the protocol. */
export function invalidText(violation: string | undefined): string | undefined {
  return violation === undefined
    ? undefined
    : `its worker sent an invalid response and was killed: ${violation}`;
}

/** Charges the tasks of a verdict, or suspects each of them when one may be the cause for all. */
export function charge(inFlight: readonly Task[], verdict: Verdict): Blame {
  const { error, ms, isShared } = verdict, ids = new Set(verdict.ids);
  const charged = inFlight.filter(({ id }) => ids.has(id));
  const innocent = inFlight.filter(({ id }) => !ids.has(id));
  if (isShared && charged.length > 1) return { failures: [], suspects: charged, innocent };
  const failures = charged.map((task) => attemptFailed(task, error, ms));
  return { failures, suspects: [], innocent };
}

function deathError({ status, isOom, stderr, violation }: WorkerDeath): TaskError {
  const invalid = invalidText(violation);
  if (invalid !== undefined) return { message: invalid, type: "InvalidResponse", class: "crash" };
  if (isOom) return { message: KILLED_FOR_MEMORY, type: "OutOfMemory", class: "oom" };
  const kind = deathClass(status, stderr);
  const type = kind === "oom" ? "OutOfMemory" : "WorkerDied";
  return { message: deathText(status, stderr, kind), type, class: kind };
}

// The lines that V8 writes before it ends the process. Children and tasks write to the same stderr.
const V8_OUT_OF_MEMORY = /^(# Fatal \w+ out of memory: |FATAL ERROR: .* out of memory$)/m;
const NEVER_RESOLVED = /^error: a promise never resolved$/m;

/** Returns true for the signals by which V8 ends its process, which depend on the machine. */
function isAbort(signal: ProcessStatus["signal"]): boolean {
  return signal === "SIGTRAP" || signal === "SIGABRT" || signal === "SIGILL";
}

/**
 * Returns the failure class of a death. A kill from outside and a limit of the system are `lost`,
 * not a fault of the task.
 */
function deathClass(status: ProcessStatus, stderr: string): FailureClass {
  const { signal } = status;
  if (isAbort(signal) && V8_OUT_OF_MEMORY.test(stderr)) return "oom";
  return isKill(signal) || limitText(status, stderr) ? "lost" : "crash";
}

/** Returns the limit of the system that ended Deno, which then exits with 1. */
function limitText({ code, signal }: ProcessStatus, stderr: string): string | undefined {
  return signal === null && code === 1 ? startLimitIn(stderr) : undefined;
}

/** Returns true for the signals that users, schedulers and the kernel send to end a process. */
export function isKill(signal: ProcessStatus["signal"]): boolean {
  return signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGHUP";
}

const KILLED_FOR_MEMORY = "its worker was killed by the kernel because memory was short: " +
  "give it more memory or use fewer --workers";

const KILLED = "its worker was killed (SIGKILL), often the kernel's out-of-memory killer: " +
  "try --memory 4GB or fewer --workers";

function deathText(status: ProcessStatus, stderr: string, kind: FailureClass): string {
  if (kind === "oom") return "its worker ran out of memory; raise the option memory";
  if (status.code === 1 && NEVER_RESOLVED.test(stderr)) {
    return "it awaits a promise that can never settle";
  }
  if (status.signal === "SIGKILL") return KILLED;
  const limit = limitText(status, stderr);
  if (limit) return `its worker ended: ${limit}, or use fewer --workers`;
  const how = howEnded(status);
  // Python prints the innermost frame first when native code crashes.
  const place = /most recent call first\):\n {2}(File .*)/.exec(stderr)?.[1];
  if (place) return `its worker ${how}: ${place}`;
  const lines = stderr.trim().split("\n");
  const said = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1);
  return `its worker ${how}${said ? `: ${said}` : ""}`;
}

function howEnded({ signal, code }: ProcessStatus): string {
  return signal ? `was killed by ${signal}` : `exited with code ${code}`;
}

/**
 * Describes the death of a worker after its last task.
 *
 * @param lateMs the time after which it was killed, in milliseconds; undefined when it was not
 */
export function lateDeathText(status: ProcessStatus, lateMs: number | undefined): string {
  const how = lateMs === undefined
    ? howEnded(status)
    : `was killed, because it did not exit within ${formatDuration(lateMs)}`;
  const advice = lateMs === undefined ? "" : ", raise --grace";
  return `A worker ${how} after its last task: the results are complete, but teardown may not be` +
    advice;
}

/** Describes tasks that did not arrive in the worker as they were sent. */
export function damagedTasksText(damage: string | undefined): string | undefined {
  return damage === undefined ? undefined : `its tasks arrived damaged: ${damage}`;
}
