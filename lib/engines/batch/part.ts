/**
 * A slice of a job's tasks that runs elsewhere, as the controller sees it.
 *
 * @module
 */

import type { FailedAttempt, TaskError } from "../../journal/format.ts";
import type { Task, TaskBatch } from "../../tasks/batch.ts";
import { InFlight } from "../shared/in_flight.ts";
import type { BufferWindow } from "./task_buffer.ts";

/** A slice of the tasks that a backend runs: an array task, a platform job. */
export class Part {
  /** The tasks that have no response yet. */
  readonly inFlight = new InFlight();
  /** The length of the arguments that it was assigned, in bytes. */
  bytes = 0;
  /** The number of tasks that it was assigned. */
  assigned = 0;
  /** True when the far side has said that it started. */
  hasStarted = false;

  /** Assigns tasks to it. */
  push(batch: TaskBatch): void {
    this.inFlight.push(batch);
    this.bytes += batch.bytes.length;
    this.assigned += batch.count;
  }

  /**
   * Takes the tasks without a response.
   *
   * @param charged the ids of the tasks that failed
   * @param error the error of these
   */
  takeRest(
    charged: readonly number[],
    error: TaskError,
  ): { readonly failures: FailedAttempt[]; readonly rest: Task[] } {
    const ids = new Set(charged), failures: FailedAttempt[] = [], rest: Task[] = [];
    for (const task of this.inFlight.takeAll()) {
      if (ids.has(task.id)) failures.push(failureOf(task, error));
      else rest.push(task);
    }
    return { failures, rest };
  }
}

function failureOf({ id, attempt, args }: Task, error: TaskError): FailedAttempt {
  return error.class === "lost"
    ? { event: { id, attempt, type: "lost", error }, args }
    : { event: { id, attempt, type: "failed", ms: 0, error }, args };
}

/** Returns the amount of tasks that parts have under way. */
export function amountOf(parts: Iterable<Part>): BufferWindow {
  let tasks = 0, bytes = 0;
  for (const part of parts) {
    tasks += part.inFlight.count;
    bytes += part.bytes;
  }
  return { tasks, bytes };
}
