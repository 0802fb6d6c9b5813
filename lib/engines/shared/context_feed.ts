/**
 * The host of contexts in the process of the controller.
 *
 * @module
 */

import { type EventBatch, type LogLine, NO_EVENTS } from "../../journal/format.ts";
import type { TaskUpdate } from "../../journal/task_update.ts";
import type { Task } from "../../tasks/batch.ts";
import type { ValueChange } from "../../values/policy.ts";
import { type ContextHost, FilesFolder } from "../../worker/live_context.ts";
import type { ValueNotes } from "../../worker/value_notes.ts";
import type { EngineContext } from "../engine.ts";

/** Collects what running calls report. */
export class ContextFeed implements ContextHost {
  readonly job: string;
  readonly files: FilesFolder;
  /** The running task. */
  task: Pick<Task, "id" | "attempt"> = { id: -1, attempt: 1 };
  /** The last checkpoint of the running task, as JSON text. */
  checkpoint: Uint8Array | undefined;
  #updates: TaskUpdate[] = [];
  #logs: LogLine[] = [];
  #changed = Promise.withResolvers<void>();

  /**
   * Creates the host of one run.
   *
   * @param notes the values that changed
   */
  constructor({ job, files }: Pick<EngineContext, "job" | "files">, readonly notes: ValueNotes) {
    this.job = job;
    this.files = new FilesFolder(files);
  }

  get policy(): ValueNotes["policy"] {
    return this.notes.policy;
  }

  /** Notes that a task runs now. */
  begin(task: Task): void {
    this.task = task;
    this.checkpoint = task.checkpoint;
  }

  update(update: TaskUpdate): void {
    if (update.type === "checkpoint") this.checkpoint = new TextEncoder().encode(update.value);
    this.#updates.push(update);
    this.#changed.resolve();
  }

  log(line: LogLine): void {
    this.#logs.push(line);
    this.#changed.resolve();
  }

  change(change: ValueChange, place: string): void {
    this.notes.add(change, this.task, place);
  }

  keepAlive(): void {}

  /** Yields reports until a promise settles, and returns its value. */
  async *during<T>(work: Promise<T>): AsyncGenerator<EventBatch, T> {
    let isDone = false;
    work.finally(() => isDone = true).catch(() => {});
    while (!isDone) {
      await Promise.race([work, this.#changed.promise]);
      this.#changed = Promise.withResolvers();
      const updates = this.#updates.splice(0), logs = this.#logs.splice(0);
      if (updates.length + logs.length > 0) yield { ...NO_EVENTS, updates, logs };
    }
    return await work;
  }
}
