/**
 * The checkpoints that a platform job returns: the last one of each task that has not succeeded.
 *
 * @module
 */

import type { EventBatch, LogLine } from "../../journal/format.ts";
import { parseEvents } from "../../journal/scan.ts";
import { updateLine } from "../../journal/task_update.ts";

// Archives have limited space, and results are more important.
const MAX_LENGTH = 200_000;

/** Keeps the last checkpoints of tasks, as lines of the journal with their newlines. */
export class LastCheckpoints {
  #lines = new Map<number, string>();

  /**
   * Creates an empty list.
   *
   * @param warn receives a log line for each checkpoint that is too large to be kept
   */
  constructor(readonly warn: (line: LogLine) => void) {}

  /** Adds the checkpoints of a batch. */
  add({ updates = [] }: EventBatch): void {
    for (const update of updates) {
      if (update.type !== "checkpoint") continue;
      const { id, attempt, value: { length } } = update;
      if (length <= MAX_LENGTH) this.#lines.set(id, `${updateLine(update)}\n`);
      else this.warn({ id, attempt, stream: "stderr", text: tooLargeText(length) });
    }
  }

  /** Removes the checkpoints of tasks that have ended, and returns those of failed tasks. */
  takeEnded({ lines, failures }: EventBatch): string {
    if (this.#lines.size === 0) return "";
    for (const { id } of parseEvents(new TextDecoder().decode(lines))) this.#lines.delete(id);
    return failures.map(({ event: { id } }) => this.#take(id)).join("");
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

function tooLargeText(length: number): string {
  return `Warning: a checkpoint of ${length} characters stays on the platform, because it has more ` +
    `than ${MAX_LENGTH}; another platform job cannot continue from it\n`;
}
