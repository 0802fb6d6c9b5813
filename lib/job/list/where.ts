/**
 * The cut `where`: a worker process with the permissions of the job tells for each element whether
 * it is kept.
 *
 * @module
 */

import { bundleCondition } from "../../bundle/build.ts";
import type { Bundle } from "../../bundle/program/program.ts";
import { badElement } from "../../formats/format.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { TaskError } from "../../journal/format.ts";
import { argsText, joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { FilterOptions, TaskFilter } from "../../tasks/cuts/cut_list.ts";
import type { Places } from "../../tasks/places.ts";
import { tryJson } from "../../util/try_json.ts";
import type { WhereCondition } from "../../worker/where.ts";
import { cannotUse, checkNames, readCondition } from "./condition.ts";
import { judgeElements } from "./judge.ts";
import type { Settings } from "../options/settings.ts";

// The number of elements that are checked before the first task.
const FIRST = 100;

/** The verdict on an element: true when it is kept, or the error of the condition. */
type Verdict = boolean | TaskError;

/** Keeps the elements for which a condition is true. */
export class Where {
  #condition: WhereCondition;
  #bundle: Bundle;
  #settings: Settings;
  #warn: (text: string) => void;

  private constructor(
    condition: WhereCondition,
    bundle: Bundle,
    settings: Settings,
    warn: (text: string) => void,
  ) {
    this.#condition = condition;
    this.#bundle = bundle;
    this.#settings = settings;
    this.#warn = warn;
  }

  /**
   * Reads a condition, and builds its program.
   *
   * @param warn receives warnings about numbers that were rounded
   * @throws {UsageError} when the text is not an expression.
   */
  static async load(
    expression: string,
    settings: Settings,
    warn: (text: string) => void,
  ): Promise<Where> {
    const condition = await readCondition(expression), { permissions } = settings;
    const bundle = await bundleCondition(condition, { cache: cacheFolder(), permissions });
    return new Where(condition, bundle, settings, warn);
  }

  /**
   * Yields the tasks that are kept. A task for which the condition throws fails in its place.
   *
   * @throws {UsageError} before the first task when the first elements lack a name of the condition,
   * or it throws for all of them.
   */
  readonly filter: TaskFilter = async function* (
    this: Where,
    tasks: AsyncIterable<TaskBatch>,
    { signal, places, isCheck }: FilterOptions,
  ): AsyncGenerator<TaskBatch> {
    let isFirst = true;
    const judged = judgeElements<Verdict>(this.#checked(tasks), {
      settings: this.#settings,
      program: this.#bundle,
      // A check is repeated when the list is read, with its warnings.
      warn: isCheck ? () => {} : (text) => this.#warn(`--where: ${text}`),
      signal,
      read: ({ length }) => length === "true".length,
      readError: (error) => error,
    });
    for await (const { batch, verdicts } of judged) {
      if (isFirst) this.#refuseAlways(batch, verdicts);
      isFirst = false;
      yield* joinTasks(keptTasks(batch, verdicts, places));
    }
  }.bind(this);

  async *#checked(tasks: AsyncIterable<TaskBatch>): AsyncGenerator<TaskBatch> {
    let isFirst = true;
    for await (const batch of tasks) {
      if (isFirst) await checkNames(this.#condition, batch.slice(0, Math.min(batch.count, FIRST)));
      isFirst = false;
      yield batch;
    }
  }

  /** Refuses a condition that throws for all elements of the first batch. */
  #refuseAlways(batch: TaskBatch, verdicts: readonly Verdict[]): void {
    const tasks = verdicts.filter((_, i) => isJson(batch.task(i).args));
    const errors = tasks.filter((one) => typeof one === "object");
    const [error] = errors;
    if (!error || errors.length < tasks.length) return;
    const { expression } = this.#condition;
    throw cannotUse(expression, `it throws ${error.type}: ${error.message}`);
  }
}

function keptTasks(
  batch: TaskBatch,
  verdicts: readonly Verdict[],
  places: Places,
): Task[] {
  const kept: Task[] = [];
  for (let i = 0; i < batch.count; i++) {
    const verdict = verdicts[i]!;
    if (verdict === true) kept.push(batch.task(i));
    else if (verdict !== false) kept.push(failing(batch.task(i), verdict, places));
  }
  return kept;
}

/** Returns the task of an element that cannot be judged. A line that is not JSON fails by itself. */
function failing(task: Task, { type, message }: TaskError, places: Places): Task {
  if (!isJson(task.args)) return task;
  const place = places.of(task.id);
  const name = place ? `${place.name}:${place.line}` : `element ${task.id}`;
  const text = badElement(name, `--where throws ${type}: ${message}`);
  return { ...task, args: new TextEncoder().encode(text) };
}

function isJson(args: Uint8Array): boolean {
  return tryJson(argsText(args)) !== undefined;
}
