/**
 * The checkpoints that a platform job returns: the last one of each task that has not succeeded.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { parseEvents } from "../../journal/scan.ts";
import { updateLine } from "../../journal/task_update.ts";

// Archives have limited space, and results are more important.
const MAX_BYTES = 100_000;

/** Keeps the last checkpoints of tasks, as lines of the journal with their newlines. */
export class LastCheckpoints {
  #lines = new Map<number, string>();

  /** Adds the checkpoints of a batch. A checkpoint that is too large does not replace another one. */
  add({ updates = [] }: EventBatch): void {
    for (const update of updates) {
      if (update.type !== "checkpoint" || update.value.length > MAX_BYTES) continue;
      this.#lines.set(update.id, `${updateLine(update)}\n`);
    }
  }

  /** Removes the checkpoints of tasks that have ended, and returns those of failed tasks. */
  takeEnded({ lines, failures }: EventBatch): string {
    if (this.#lines.size === 0) return "";
    for (const { id } of parseEvents(new TextDecoder().decode(lines))) this.#lines.delete(id);
    const failed = failures.map(({ event: { id } }) => this.#take(id));
    return failed.join("");
  }

  /** Removes and returns all checkpoints. */
  takeAll(): string {
    return [...this.#lines.keys()].map((id) => this.#take(id)).join("");
  }

  #take(id: number): string {
    const line = this.#lines.get(id) ?? "";
    this.#lines.delete(id);
    return line;
  }
}
