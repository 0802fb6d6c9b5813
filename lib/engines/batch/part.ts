/**
 * The controller's view of a slice of tasks that runs on another system.
 *
 * @module
 */

import { attemptFailed, type FailedAttempt, type TaskError } from "../../journal/format.ts";
import type { Task, TaskBatch } from "../../tasks/batch.ts";
import { InFlight } from "../shared/in_flight.ts";
import type { BufferWindow } from "./task_buffer.ts";

/** A slice of tasks that a backend runs, such as an array task or a platform job. */
export class Part {
  /** The tasks that have no response yet. */
  readonly inFlight = new InFlight();
  /** The length of the assigned tasks' arguments, in bytes. */
  bytes = 0;
  /** The number of assigned tasks, with or without a response. */
  assigned = 0;
  /** True when the far side has reported its start. */
  hasStarted = false;

  /** Assigns tasks to the part. */
  push(batch: TaskBatch): void {
    this.inFlight.push(batch);
    this.bytes += batch.bytes.length;
    this.assigned += batch.count;
  }

  /**
   * Removes the tasks without a response, and separates the failed tasks from the rest.
   *
   * @param charged the ids of the tasks that failed
   * @param error the error of the failed tasks
   */
  takeRest(
    charged: readonly number[],
    error: TaskError,
  ): { readonly failures: FailedAttempt[]; readonly rest: Task[] } {
    const ids = new Set(charged), failures: FailedAttempt[] = [], rest: Task[] = [];
    for (const task of this.inFlight.takeAll()) {
      if (ids.has(task.id)) failures.push(attemptFailed(task, error));
      else rest.push(task);
    }
    return { failures, rest };
  }
}

/** Returns the number of tasks without a response, and the argument bytes of all assigned tasks. */
export function amountOf(parts: Iterable<Part>): BufferWindow {
  let tasks = 0, bytes = 0;
  for (const part of parts) {
    tasks += part.inFlight.count;
    bytes += part.bytes;
  }
  return { tasks, bytes };
}
