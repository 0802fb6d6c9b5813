/**
 * Statistics of tasks: their durations and their most common errors.
 *
 * @module
 */

import { FailureGroups } from "../../journal/failure_groups.ts";
import type { FailedEvent, FailureClass } from "../../journal/format.ts";
import { msAt, scanEvents } from "../../journal/scan.ts";
import { defined } from "../../util/defined.ts";

/** The durations of tasks, in milliseconds. The percentiles are approximate. */
export interface TaskTimes {
  /** The duration that half of the tasks did not exceed. */
  readonly median: number;
  /** The duration that 95 % of the tasks did not exceed. */
  readonly p95: number;
  /** The longest duration. */
  readonly longest: number;
}

/** Failures of one kind. */
export interface CommonError {
  /** The message of the first failure. The other messages differ only in ids, paths and numbers. */
  readonly message: string;
  /** The number of tasks that failed with this kind of error. */
  readonly count: number;
  /** The id of the first task that failed with this kind of error. */
  readonly task: number;
  /** The name of the class of its error, such as `KeyError`. @default {it adds nothing} */
  readonly type?: string | undefined;
  /** The class of the failure. @default {error} */
  readonly class?: FailureClass | undefined;
  /** The place of this task in the file of its list, such as `cities.csv:10`. */
  readonly place?: string | undefined;
}

// The buckets cover times from 0.1 ms to about three years, with 12 buckets per doubling.
const LEAST_MS = 0.1, STEPS = 12, BUCKETS = 40 * STEPS;
// Only the first kinds of errors are counted, to limit memory use.
const LIMITS = { kinds: 1000, examples: 1 }, MOST_COMMON = 3;

// Types that add nothing to their messages.
const PLAIN_TYPES: readonly string[] = ["Error", "ERROR", "ExitStatus", "TooLong"];

/**
 * Collects the durations and errors of tasks in bounded memory.
 *
 * @example
 * ```ts
 * import { TaskStats } from "./task_stats.ts";
 *
 * const stats = new TaskStats();
 * const error = { type: "Error", class: "error" } as const;
 * for (const id of [3, 8]) {
 *   const message = `no tile ${id}`;
 *   stats.fail({ id, attempt: 1, type: "failed", ms: 20, error: { ...error, message } });
 * }
 * const [{ message, count, task } = {}] = stats.errors;
 * if (`${message}, ${count}, ${task}` !== "no tile 3, 2, 3") throw new Error(message);
 * ```
 */
export class TaskStats {
  #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #longest = 0;
  #sum = 0;
  #invalid = 0;
  #errors = new FailureGroups(LIMITS);

  /** Adds tasks that succeeded, given as lines of the journal. */
  add(lines: Uint8Array): void {
    scanEvents(lines, {
      // The journal stores only the total time of a result block, so each task counts with the
      // mean.
      block: ({ count, ms = 0 }) => this.#addTime(ms / count, count),
      success: (_id, _start, result) => this.#addTime(msAt(lines, result), 1),
      other() {},
    });
  }

  /** Adds the last failure of a task. */
  fail(event: FailedEvent): void {
    this.#addTime(event.ms, 1);
    if (event.error.class === "invalid") this.#invalid++;
    this.#errors.add(event);
  }

  /** The durations of the tasks; `undefined` before any task has ended. */
  get times(): TaskTimes | undefined {
    if (this.#count === 0) return undefined;
    return { median: this.#percentile(0.5), p95: this.#percentile(0.95), longest: this.#longest };
  }

  /** The mean duration of the tasks, in milliseconds; `undefined` before any task has ended. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  /** The number of tasks whose records in the list cannot be read. */
  get invalid(): number {
    return this.#invalid;
  }

  /** Up to three kinds of errors, the most common first. */
  get errors(): CommonError[] {
    return this.#errors.list().slice(0, MOST_COMMON).map(({ count, examples: [first] }) => {
      const { id, place, error: { message, type: name, class: kind } } = first!;
      const isError = kind === "error";
      const type = isError && !PLAIN_TYPES.includes(name) ? name : undefined;
      const own = isError ? undefined : kind;
      return defined<CommonError>({ message, count, task: id, type, class: own, place });
    });
  }

  #addTime(ms: number, count: number): void {
    const step = ms < LEAST_MS ? 0 : Math.ceil(Math.log2(ms / LEAST_MS) * STEPS);
    this.#buckets[Math.min(step, BUCKETS - 1)]! += count;
    this.#count += count;
    this.#sum += ms * count;
    if (ms > this.#longest) this.#longest = ms;
  }

  /** Returns the duration that a fraction of the tasks (0 to 1) did not exceed. */
  #percentile(part: number): number {
    let rest = this.#count * part;
    const step = this.#buckets.findIndex((count) => (rest -= count) <= 0);
    return Math.min(this.#longest, Number((LEAST_MS * 2 ** (step / STEPS)).toPrecision(2)));
  }
}
