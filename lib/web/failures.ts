/**
 * Groups the final failures of a job that is still running.
 *
 * @module
 */

import { FailureGroups } from "../journal/failure_groups.ts";
import type { FailedEvent } from "../journal/format.ts";
import type { Failures } from "./protocol.ts";

const LIMITS = { kinds: 100, examples: 20 };

/** Groups failures by their kind. A failure can be removed, because its task may run again. */
export class FailureGrouper {
  #groups = new FailureGroups(LIMITS);
  #byTask = new Map<number, ReturnType<FailureGroups["add"]>>();

  /** Adds the final failure of a task, replacing any earlier one. */
  add(event: FailedEvent): void {
    this.remove(event.id);
    this.#byTask.set(event.id, this.#groups.add(event));
  }

  /** Removes the failure of a task that was queued again or has succeeded. */
  remove(id: number): void {
    if (!this.#byTask.has(id)) return;
    this.#groups.remove(id, this.#byTask.get(id));
    this.#byTask.delete(id);
  }

  /** Returns the message of a task's failure, or the pattern of its group. */
  messageOf(id: number): string | undefined {
    return this.#byTask.get(id)?.message;
  }

  /** Returns the groups, largest first. */
  snapshot(): Failures {
    const groups = this.#groups.list().map(({ shape: _, examples, ...group }) => ({
      ...group,
      examples: examples.map(({ id, attempt, ms, error }) => ({ id, attempt, ms, error })),
    }));
    return { groups, more: this.#groups.more };
  }
}
