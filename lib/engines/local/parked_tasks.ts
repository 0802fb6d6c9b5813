/**
 * Tasks that wait for the rates of their keys, while tasks of other keys begin.
 *
 * @module
 */

import type { Task } from "../../tasks/batch.ts";
import type { Pace } from "../../tasks/pace.ts";

// More tasks are not passed over for tasks of other keys.
const MOST_TASKS = 50_000;

/** Tasks by their keys, in the order of the list for each key. */
export class ParkedTasks {
  #byKey = new Map<string, Task[]>();
  #count = 0;

  /** The number of tasks. */
  get count(): number {
    return this.#count;
  }

  /** True when no more tasks are accepted. */
  get isFull(): boolean {
    return this.#count >= MOST_TASKS;
  }

  /** Adds a task after the others of its key. */
  push(task: Task, pace: Pace): void {
    const key = pace.keyOf(task), tasks = this.#byKey.get(key);
    if (tasks) tasks.push(task);
    else this.#byKey.set(key, [task]);
    this.#count++;
  }

  /** Returns true when a task of the same key waits. */
  hasKeyOf(task: Task, pace: Pace): boolean {
    return this.#count > 0 && this.#byKey.has(pace.keyOf(task));
  }

  /** Takes a task that may begin. */
  take(pace: Pace): Task | undefined {
    for (const [key, tasks] of this.#byKey) {
      if (!pace.begin(tasks[0]!)) continue;
      this.#count--;
      // The keys take turns.
      this.#byKey.delete(key);
      if (tasks.length > 1) this.#byKey.set(key, tasks.slice(1));
      return tasks[0];
    }
    return undefined;
  }

  /** Takes all tasks. */
  takeAll(): Task[] {
    const all = [...this.#byKey.values()].flat();
    this.#byKey.clear();
    this.#count = 0;
    return all;
  }
}
