/**
 * The tasks of a worker that have exceeded their time limit and may still end by themselves.
 *
 * @module
 */

import type { FailedAttempt, TaskError } from "../../journal/format.ts";
import type { Task } from "../../tasks/batch.ts";

/** The tasks that fail as timeouts, whatever they return or throw. */
export class LateTasks {
  #tasks = new Map<number, { readonly since: number; explanation?: string }>();

  /**
   * Creates an empty set.
   *
   * @param now a clock in milliseconds
   */
  constructor(readonly now: () => number) {}

  /** The time limit of the last task that was added, in milliseconds. */
  timeout = 0;

  /** The number of tasks. */
  get size(): number {
    return this.#tasks.size;
  }

  /**
   * Adds a task.
   *
   * @param since the start of the task
   * @param timeout its time limit, in milliseconds
   * @returns false when the task was added before
   */
  add(id: number, since: number, timeout: number): boolean {
    if (this.#tasks.has(id)) return false;
    this.#tasks.set(id, { since });
    this.timeout = timeout;
    return true;
  }

  /** Keeps the description of what a task did at its time limit. */
  explain(id: number, text: string): void {
    const task = this.#tasks.get(id);
    if (task) task.explanation = text;
  }

  /** Returns the description of what a task did at its time limit; `undefined` while it is unknown. */
  explanation(id: number): string | undefined {
    return this.#tasks.get(id)?.explanation;
  }

  /**
   * Removes a task that has ended, and returns its failure.
   *
   * @param thrown the error of the task, whose stack becomes that of the failure
   * @returns `undefined` when the task is not late
   */
  take(task: Task, thrown?: TaskError): FailedAttempt | undefined {
    const { id, attempt, args, checkpoint } = task, late = this.#tasks.get(id);
    if (!late) return undefined;
    this.#tasks.delete(id);
    const { since, explanation } = late;
    const own = thrown && (thrown.stack ?? `${thrown.type}: ${thrown.message}`);
    const stack = [explanation, own].filter((text) => text !== undefined).join("\n") || undefined;
    const error = { ...timeoutError(this.timeout), stack }, ms = Math.round(this.now() - since);
    return { event: { id, attempt, type: "failed", ms, error }, args, checkpoint };
  }
}

/**
 * Returns the error of a task that has exceeded its time limit.
 *
 * @param timeout the limit, in milliseconds
 * @param end the end of the message. @default {an empty text}
 */
export function timeoutError(timeout: number, end = ""): TaskError {
  const message = `it ran longer than the timeout of ${timeout / 1000} s${end}`;
  return { message, type: "Timeout", class: "timeout" };
}
