/**
 * The progress that running tasks have reported.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { eachResult } from "../../journal/scan.ts";
import type { TaskProgress } from "../../journal/task_update.ts";

/** The last progress of each running task that has reported any. */
export class RunningProgress {
  #tasks = new Map<number, TaskProgress>();

  /** The progress of the tasks; the task that reported last is the last one. */
  get tasks(): readonly TaskProgress[] {
    return [...this.#tasks.values()];
  }

  /** Applies a batch of events. */
  add({ updates = [], failures, lines }: EventBatch): void {
    for (const update of updates) if (update.type === "progress") this.#set(update);
    if (this.#tasks.size === 0) return;
    for (const { event } of failures) this.#tasks.delete(event.id);
    eachResult(lines, (id) => this.#tasks.delete(id));
  }

  #set(progress: TaskProgress): void {
    this.#tasks.delete(progress.id);
    this.#tasks.set(progress.id, progress);
  }
}
