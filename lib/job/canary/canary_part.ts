/**
 * The division of a list into its canary and its other tasks.
 *
 * @module
 */

import { taskRanges } from "../../engines/shared/task_ranges.ts";
import { joinTasks, type TaskBatch } from "../../tasks/batch.ts";
import { readTasks } from "../../tasks/source.ts";
import type { TaskRange } from "../../tasks/task_range.ts";

const DONE = 0, OTHER = 1, CANARY = 2;

/** The numbers of tasks that must run. */
export interface CanarySizes {
  /** The tasks of the canary. */
  readonly tasks: number;
  /** The other tasks. */
  readonly rest: number;
}

/** Divides the tasks of a list that must run, once the whole list has been read. */
export class CanaryPart {
  #ranges: TaskRange[] = [];
  #marks = new Uint8Array(0);
  #count = 0;

  /** Notes tasks that must run. */
  add(batch: TaskBatch): void {
    this.#ranges.push(...taskRanges(batch));
    this.#count += batch.count;
  }

  /**
   * Chooses the canary, whose tasks are spread evenly over the tasks that must run.
   *
   * @param most the number of tasks of the canary
   */
  choose(most: number): CanarySizes {
    const [id, count] = this.#ranges.at(-1) ?? [0, 0];
    this.#marks = new Uint8Array(id + count).fill(DONE);
    for (const [first, length] of this.#ranges) this.#marks.fill(OTHER, first, first + length);
    const all = this.#count, tasks = Math.min(most, all);
    let at = -1, seen = 0;
    for (const place of canaryPlaces(tasks, all)) {
      while (seen <= place) if (this.#marks[++at] !== DONE) seen++;
      this.#marks[at] = CANARY;
    }
    return { tasks, rest: all - tasks };
  }

  /** Reads the tasks of the canary from the copy of the list. */
  canary(path: string): AsyncGenerator<TaskBatch> {
    return this.#read(path, CANARY);
  }

  /** Reads the other tasks that must run from the copy of the list. */
  others(path: string): AsyncGenerator<TaskBatch> {
    return this.#read(path, OTHER);
  }

  async *#read(path: string, mark: number): AsyncGenerator<TaskBatch> {
    for await (const batch of readTasks(path)) {
      yield* joinTasks([...batch].filter(({ id }) => this.#marks[id] === mark));
    }
  }
}

/**
 * Returns the places of a canary in a list, from 0: each is in the middle of an equal part of it.
 *
 * @param tasks the number of tasks of the canary, at most `all`
 * @param all the number of tasks of the list
 */
export function canaryPlaces(tasks: number, all: number): number[] {
  return Array.from({ length: tasks }, (_, i) => Math.floor((i + 0.5) * all / tasks));
}
