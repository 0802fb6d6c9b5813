/**
 * The state and the duration of every task of a job, in a few bytes per task.
 *
 * @module
 */

import type { FailureClass, TaskEvent } from "../journal/format.ts";
import type { TaskRow, TaskSet, TaskState } from "./protocol.ts";

/** The states of a task. A failed task has the class of its failure. */
const STATES: readonly (TaskState | FailureClass | "")[] = //
  ["open", "succeeded", "error", "timeout", "oom", "crash", "lost", "invalid", "limited"];
const OPEN = 0, SUCCEEDED = 1;
const MAX_ATTEMPT = 255, MAX_IDS = 100;

/** The facts about one task that the index keeps. An attempt after the 255th counts as that one. */
type IndexedTask = Pick<TaskRow, "state" | "class" | "attempt" | "ms">;

/**
 * The last known state of every task, by id.
 *
 * @example
 * ```ts
 * import { TaskIndex } from "./task_index.ts";
 *
 * const tasks = new TaskIndex();
 * tasks.succeed(3, 1, 12);
 * const { state, ms } = tasks.of(3);
 * if (state !== "succeeded" || ms !== 12 || tasks.of(2).state !== "open") throw new Error(state);
 * ```
 */
export class TaskIndex {
  #states = new Uint8Array(1024);
  #attempts = new Uint8Array(1024);
  #times = new Float32Array(1024);

  /** Records successes of consecutive tasks, which took the same time. */
  succeedAll(id: number, count: number, ms: number): void {
    this.#reach(id + count);
    this.#states.fill(SUCCEEDED, id, id + count);
    this.#attempts.fill(1, id, id + count);
    this.#times.fill(ms, id, id + count);
  }

  /** Records the success of a task. */
  succeed(id: number, attempt: number, ms: number): void {
    this.#set(id, SUCCEEDED, attempt, ms);
  }

  /** Records an event that is not a success of a first attempt. */
  add(event: TaskEvent): void {
    const { id, attempt, type } = event, ms = "ms" in event ? event.ms : 0;
    if (type === "succeeded") this.#set(id, SUCCEEDED, attempt, ms);
    if (type === "failed") {
      this.#set(id, STATES.indexOf(event.error.class), attempt, ms);
    }
    if (type === "retried") this.#set(id, OPEN, attempt, ms);
    if (type === "queued") this.#set(id, OPEN, attempt, this.#times[id] ?? 0);
  }

  /** Returns the facts about a task. */
  of(id: number): IndexedTask {
    const number = this.#states[id] ?? OPEN, name = STATES[number];
    const task = { attempt: this.#attempts[id] ?? 0, ms: this.msOf(id) };
    if (number > SUCCEEDED) return { state: "failed", class: name as FailureClass, ...task };
    return { state: name as TaskState, ...task };
  }

  /** Returns the duration of a task's last attempt in milliseconds; 0 when it is not known. */
  msOf(id: number): number {
    return this.#times[id] ?? 0;
  }

  /**
   * Returns a check of a task's state by id.
   *
   * @param state a state, a class of failures, or an empty text for any state
   */
  isIn(state: TaskState | FailureClass | ""): (id: number) => boolean {
    const states = this.#states;
    if (state === "") return () => true;
    if (state === "failed") return (id) => states[id]! > SUCCEEDED;
    const wanted = STATES.indexOf(state);
    return (id) => (states[id] ?? OPEN) === wanted;
  }

  /** Returns the tasks that succeeded here and failed in another job. */
  betterThan(other: TaskIndex): TaskSet {
    const count = Math.min(this.#states.length, other.#states.length), ids: number[] = [];
    let found = 0;
    for (let id = 0; id < count; id++) {
      if (this.#states[id] !== SUCCEEDED || other.#states[id]! <= SUCCEEDED) continue;
      if (++found <= MAX_IDS) ids.push(id);
    }
    return { count: found, ids };
  }

  #set(id: number, state: number, attempt: number, ms: number): void {
    this.#reach(id + 1);
    this.#states[id] = state;
    this.#attempts[id] = Math.min(MAX_ATTEMPT, attempt);
    this.#times[id] = ms;
  }

  #reach(length: number): void {
    if (length <= this.#states.length) return;
    const size = Math.max(length, 2 * this.#states.length);
    const [states, attempts, times] = [this.#states, this.#attempts, this.#times];
    (this.#states = new Uint8Array(size)).set(states);
    (this.#attempts = new Uint8Array(size)).set(attempts);
    (this.#times = new Float32Array(size)).set(times);
  }
}
