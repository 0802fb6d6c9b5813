/**
 * The tasks of a machine that is lost.
 *
 * @module
 */

import { attemptFailed, type FailedAttempt, type TaskError } from "../../journal/format.ts";
import type { Task } from "../../tasks/batch.ts";
import type { InFlight } from "../shared/in_flight.ts";
import type { MachineGone } from "./machine_gone.ts";

/** The tasks of a lost machine, by what happens to them. */
export interface LostTasks {
  /** The failures of tasks that ran there. */
  readonly failures: readonly FailedAttempt[];
  /** The tasks of which one used too much memory. Each runs again, alone. */
  readonly suspects: readonly Task[];
  /** The tasks that had not begun. */
  readonly others: readonly Task[];
}

/**
 * Removes all tasks in flight on a machine, and decides which are charged.
 *
 * @param most the number of tasks that run at a time there
 */
export function takeLost(inFlight: InFlight, most: number, gone: MachineGone): LostTasks {
  const running = new Set(inFlight.running(most)), tasks = inFlight.takeAll();
  const ran = tasks.filter(({ id }) => running.has(id));
  const others = tasks.filter(({ id }) => !running.has(id));
  if (gone.isOom && ran.length > 1) return { failures: [], suspects: ran, others };
  const error = errorOf(gone);
  return { failures: ran.map((task) => attemptFailed(task, error)), suspects: [], others };
}

function errorOf({ message, isOom }: MachineGone): TaskError {
  return isOom
    ? { message, type: "OutOfMemory", class: "oom" }
    : { message, type: "HostLost", class: "lost" };
}
