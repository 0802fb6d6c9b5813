/**
 * Lists whose elements are checked before they become tasks.
 *
 * @module
 */

import { badSchema, isBadRecord, refusedLine } from "../formats/format.ts";
import type { LineNumbers } from "../formats/line_numbers.ts";
import { badLine } from "../ndjson/bad_line.ts";
import { UsageError } from "../util/errors.ts";
import { jsonError } from "../util/try_json.ts";
import { argsText, joinTasks, type Task, TaskBatch } from "./batch.ts";
import type { FilterOptions } from "./cuts/cut_list.ts";
import { elementName, type Places } from "./places.ts";

/** The fate of an invalid element: its task fails, it is left out, or the job stops. */
export type OnInvalid = "fail" | "skip" | "stop";

/** The fates of invalid elements. */
export const ON_INVALID: readonly OnInvalid[] = ["fail", "skip", "stop"];

/**
 * The verdict on an element: true to keep its line, the JSON text that replaces the line, the reason
 * why it is invalid, or false when its line is not JSON.
 */
export type CheckVerdict = boolean | Uint8Array | string;

/** A batch of elements, and their verdicts in the same order. */
export interface CheckedBatch {
  readonly batch: TaskBatch;
  readonly verdicts: readonly CheckVerdict[];
}

/** A stage that yields the elements with their verdicts. */
export type ElementCheck = (
  tasks: AsyncIterable<TaskBatch>,
  signal: AbortSignal,
) => AsyncIterable<CheckedBatch>;

/** The elements that were left out of a list. */
export interface SkippedElements {
  /** The number of the elements. */
  readonly count: number;
  /** The text about the first of them, with its place. */
  readonly first: string;
}

/** The options of {@linkcode CheckedList.tasks}. */
interface CheckedOptions extends FilterOptions {
  /** Receives the position in the list of each task. @default {not needed} */
  readonly origins?: LineNumbers | undefined;
}

/** A list, and the check of its elements. */
export class CheckedList<List = unknown> {
  #skipped: SkippedElements | undefined;
  #encoder = new TextEncoder();

  /**
   * Creates a list with a check.
   *
   * @param list the elements
   * @param check the check
   * @param invalid the fate of invalid elements
   */
  constructor(readonly list: List, readonly check: ElementCheck, readonly invalid: OnInvalid) {}

  /** True when the id of each task is the position of its element. */
  get keepsIds(): boolean {
    return this.invalid !== "skip";
  }

  /** The elements that have been left out; `undefined` when there are none. */
  get skipped(): SkippedElements | undefined {
    return this.#skipped;
  }

  /**
   * Yields the tasks. Their ids are consecutive.
   *
   * @throws {UsageError} at the first invalid element, when it stops the job.
   */
  async *tasks(
    tasks: AsyncIterable<TaskBatch>,
    { places, signal, origins }: CheckedOptions,
  ): AsyncGenerator<TaskBatch> {
    let first = 0;
    this.#skipped = undefined;
    for await (const checked of this.check(tasks, signal)) {
      const kept = this.#kept(checked, places);
      if (!kept) continue;
      for (let i = 0; origins && i < kept.count; i++) origins.set(first + i, kept.id(i));
      yield TaskBatch.of(kept.bytes, kept.count, first);
      first += kept.count;
    }
  }

  /** Returns the elements that become tasks; `undefined` when there are none. */
  #kept({ batch, verdicts }: CheckedBatch, places: Places): TaskBatch | undefined {
    if (verdicts.every((verdict) => verdict === true)) return batch;
    const tasks: Task[] = [];
    for (let i = 0; i < batch.count; i++) {
      const task = batch.task(i), verdict = verdicts[i]!;
      const args = this.#lineOf(task, verdict, places);
      if (args) tasks.push({ ...task, args });
    }
    return joinTasks(tasks)[0];
  }

  /** Returns the line of a task; `undefined` for an element that is left out. */
  #lineOf(task: Task, verdict: CheckVerdict, places: Places): Uint8Array | undefined {
    if (typeof verdict === "object") return verdict;
    if (verdict === true) return task.args;
    // A line that is not JSON fails by itself.
    if (verdict === false && this.invalid === "fail") return task.args;
    const text = verdict === false
      ? unreadable(task, places)
      : badSchema(elementName(task.id, places.of(task.id)), verdict);
    if (this.invalid === "fail") {
      return this.#encoder.encode(refusedLine(text, argsText(task.args)));
    }
    if (this.invalid === "stop") throw new UsageError(`${text}, and the job stops there`);
    const { count = 0, first = text } = this.#skipped ?? {};
    this.#skipped = { count: count + 1, first };
    return undefined;
  }
}

/** Returns the text about a line that is not JSON. */
function unreadable(task: Task, places: Places): string {
  const text = argsText(task.args);
  if (isBadRecord(text)) return text;
  const place = places.of(task.id), { name, line } = place ?? { name: "element", line: task.id };
  const error = jsonError(text);
  if (error) return badLine(text, name, line, error).message;
  return badSchema(elementName(task.id, place), "it is not UTF-8");
}
