/**
 * Lists of which only a part becomes tasks.
 *
 * @module
 */

import type { LineNumbers } from "../../formats/line_numbers.ts";
import { delay } from "../../util/time/delay.ts";
import { TaskBatch } from "../batch.ts";
import type { Places } from "../places.ts";
import { type Cuts, sampleOf } from "./cuts.ts";
import { sliceTasks } from "./slice.ts";

// The longest time between two turns of the event loop, in milliseconds.
const TURN_MS = 50;

/** The options of a {@linkcode TaskFilter}. */
export interface FilterOptions {
  /** The places of the elements. */
  readonly places: Places;
  /** Aborted when the list will not be read further. */
  readonly signal: AbortSignal;
  /** True when the tasks are only checked, and filtered again later. @default {false} */
  readonly isCheck?: boolean | undefined;
}

/** A stage that keeps some of the tasks of a list. */
export type TaskFilter = (
  tasks: AsyncIterable<TaskBatch>,
  options: FilterOptions,
) => AsyncGenerator<TaskBatch>;

/** A list, and the part of it that becomes tasks. */
export class CutList<List = unknown> {
  #elements: number | undefined;

  /**
   * Cuts a list.
   *
   * @param list the whole list
   * @param cuts the part
   * @param elements the number of elements of the list, if it is known
   * @param filter the stage for the cut `where`, if it is set
   */
  constructor(
    readonly list: List,
    readonly cuts: Cuts,
    elements?: number,
    readonly filter?: TaskFilter,
  ) {
    this.#elements = elements;
  }

  /** The number of elements of the whole list; `undefined` while it is unknown. */
  get elements(): number | undefined {
    return this.#elements;
  }

  /** The number of tasks, when it is known before the list is read. */
  get length(): number | undefined {
    const { where, unique, sample, skip = 0, limit = Infinity } = this.cuts, { elements } = this;
    if (limit === 0) return 0;
    if (elements === undefined || where !== undefined || unique || sample !== undefined) {
      return undefined;
    }
    return Math.min(Math.max(elements - skip, 0), limit);
  }

  /**
   * Yields the tasks of the part. Their ids are consecutive.
   *
   * @param tasks the tasks of the whole list, whose ids are their positions in it
   * @param origins receives the position of each task in the whole list
   */
  async *cut(
    tasks: AsyncIterable<TaskBatch>,
    origins: LineNumbers,
    options: FilterOptions,
  ): AsyncGenerator<TaskBatch> {
    let first = 0;
    for await (const batch of this.#stages(this.#counted(tasks, options), options)) {
      for (let i = 0; i < batch.count; i++) origins.set(first + i, batch.id(i));
      yield TaskBatch.of(batch.bytes, batch.count, first);
      first += batch.count;
    }
  }

  async *#counted(
    tasks: AsyncIterable<TaskBatch>,
    { signal }: FilterOptions,
  ): AsyncGenerator<TaskBatch> {
    let count = 0, turn = performance.now();
    for await (const batch of tasks) {
      count += batch.count;
      // A list of parameters is read without a wait. When its elements are dropped, signals and
      // timers would have no turn.
      if (performance.now() - turn > TURN_MS) {
        await delay(0);
        signal.throwIfAborted();
        turn = performance.now();
      }
      yield batch;
    }
    this.#elements = count;
  }

  async *#stages(
    tasks: AsyncIterable<TaskBatch>,
    options: FilterOptions,
  ): AsyncGenerator<TaskBatch> {
    const { unique, sample, seed = 0, shuffle } = this.cuts;
    let part = this.filter ? this.filter(tasks, options) : tasks;
    if (unique) part = (await import("./unique.ts")).uniqueTasks(part, unique);
    if (sample !== undefined) {
      part = (await import("./sample.ts")).sampleTasks(part, sampleOf(sample), seed);
    }
    if (shuffle) part = (await import("./shuffle.ts")).shuffleTasks(part, seed);
    yield* sliceTasks(part, this.cuts);
  }
}
