/**
 * Events of a worker, collected into batches.
 *
 * @module
 */

import type { EventBatch, FailedAttempt, LogLine } from "../../journal/format.ts";
import type { TaskUpdate } from "../../journal/task_update.ts";
import { concatBytes, NEWLINE_BYTES } from "../../util/bytes/bytes.ts";

/**
 * Collects events into batches: one for each result block, and one for the events between two
 * blocks.
 */
export class BatchWriter {
  #batches: EventBatch[] = [];
  #lines: Uint8Array[] = [];
  #results: Uint8Array[] = [];
  #failures: FailedAttempt[] = [];
  #logs: LogLine[] = [];
  #updates: TaskUpdate[] | undefined;

  /** Adds a result block as a batch. Its bytes are not copied. */
  addBlock(lines: Uint8Array, results: Uint8Array, succeeded: number): void {
    this.#endBatch();
    this.#batches.push({ lines, results, succeeded, failures: [], logs: [] });
  }

  /** Adds the journal line of a success, and its result without a newline. */
  addSuccess(line: Uint8Array, result: Uint8Array): void {
    this.#lines.push(line);
    this.#results.push(result, NEWLINE_BYTES);
  }

  /** Adds a failure. */
  addFailure(failure: FailedAttempt): void {
    this.#failures.push(failure);
  }

  /** Adds a log line. */
  addLog(line: LogLine): void {
    this.#logs.push(line);
  }

  /** Adds an update of a running task. */
  addUpdate(update: TaskUpdate): void {
    (this.#updates ??= []).push(update);
  }

  /** Ends the current batch, and returns all batches in the order of the events. */
  take(): EventBatch[] {
    this.#endBatch();
    return this.#batches;
  }

  #endBatch(): void {
    const succeeded = this.#lines.length, failures = this.#failures, logs = this.#logs;
    const updates = this.#updates;
    if (succeeded + failures.length + logs.length === 0 && !updates) return;
    const lines = concatBytes(this.#lines), results = concatBytes(this.#results);
    this.#batches.push({ lines, results, succeeded, failures, logs, updates });
    this.#lines = [], this.#results = [], this.#failures = [], this.#logs = [];
    this.#updates = undefined;
  }
}
