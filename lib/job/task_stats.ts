/**
 * What many tasks have in common: how long they took, and why they failed.
 *
 * @module
 */

import { msAt, scanEvents } from "../journal/scan.ts";

/** How long tasks took, in milliseconds, to about 5 %. */
export interface TaskTimes {
  /** What half of them took less than. */
  readonly median: number;
  /** What 95 % of them took less than. */
  readonly p95: number;
  /** The longest one. */
  readonly longest: number;
}

/** Failures of one kind. */
export interface CommonError {
  /** What one of them says: they differ in numbers only. */
  readonly message: string;
  readonly count: number;
  /** A task that failed so. */
  readonly task: number;
}

// Times of 0.1 ms and more, in steps of a twelfth of an octave, up to a year.
const LEAST_MS = 0.1, STEPS = 12, BUCKETS = 40 * STEPS;
// Of very many kinds of errors, the first ones are counted.
const MAX_KINDS = 1000, MOST_COMMON = 3;

/**
 * Gathers what became of tasks.
 *
 * @example
 * ```ts
 * import { TaskStats } from "./task_stats.ts";
 *
 * const digest = new TaskStats();
 * digest.fail({ id: 3, ms: 20, error: { message: "no tile 3" } });
 * digest.fail({ id: 8, ms: 20, error: { message: "no tile 8" } });
 * const [{ message, count, task } = {}] = digest.errors;
 * if (`${message}, ${count}, ${task}` !== "no tile 3, 2, 3") throw new Error(message);
 * ```
 */
export class TaskStats {
  #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #longest = 0;
  #errors = new Map<string, { message: string; count: number; task: number }>();

  /** Takes the events of tasks that succeeded, as the journal has them. */
  add(lines: Uint8Array): void {
    scanEvents(lines, {
      // Of how long the tasks of a run took only the sum is known.
      block: ({ count, ms = 0 }) => this.#took(ms / count, count),
      success: (_id, _start, result) => this.#took(msAt(lines, result), 1),
      other() {},
    });
  }

  /** Takes a failure for good. */
  fail(
    { id, ms, error: { message } }: { id: number; ms: number; error: { message: string } },
  ): void {
    this.#took(ms, 1);
    const kind = message.replaceAll(/\d+/g, "0");
    const known = this.#errors.get(kind);
    if (known) known.count++;
    else if (this.#errors.size < MAX_KINDS) this.#errors.set(kind, { message, count: 1, task: id });
  }

  /** How long tasks took, when there were any. */
  get times(): TaskTimes | undefined {
    if (this.#count === 0) return undefined;
    return { median: this.#below(0.5), p95: this.#below(0.95), longest: this.#longest };
  }

  /** Why most of those failed that did. */
  get errors(): CommonError[] {
    return [...this.#errors.values()].sort((a, b) => b.count - a.count).slice(0, MOST_COMMON);
  }

  #took(ms: number, count: number): void {
    const step = ms < LEAST_MS ? 0 : Math.ceil(Math.log2(ms / LEAST_MS) * STEPS);
    this.#buckets[Math.min(step, BUCKETS - 1)]! += count;
    this.#count += count;
    if (ms > this.#longest) this.#longest = ms;
  }

  /** The time that a part of the tasks did not exceed. */
  #below(part: number): number {
    let rest = this.#count * part;
    const step = this.#buckets.findIndex((count) => (rest -= count) <= 0);
    return Math.min(this.#longest, Number((LEAST_MS * 2 ** (step / STEPS)).toPrecision(2)));
  }
}
