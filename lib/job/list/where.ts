/**
 * The cut `where`: a worker process with the permissions of the job tells for each element whether
 * it is kept.
 *
 * @module
 */

import { bundleCondition } from "../../bundle/build.ts";
import { badElement } from "../../formats/format.ts";
import { cacheFolder } from "../../job_dir/layout.ts";
import type { TaskError } from "../../journal/format.ts";
import { argsText, joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { TaskFilter } from "../../tasks/cuts/cut_list.ts";
import { elementName, type Places } from "../../tasks/places.ts";
import { tryJson } from "../../util/try_json.ts";
import type { WhereCondition } from "../../worker/where.ts";
import { cannotUse, checkNames, readCondition } from "./condition.ts";
import { judgeElements } from "./judge.ts";
import type { Settings } from "../options/settings.ts";

// The number of elements that are checked before the first task.
const FIRST = 100;

/** The verdict on an element: true when it is kept, or the error of the condition. */
type Verdict = boolean | TaskError;

/**
 * Reads a condition, and builds its program.
 *
 * @param warn receives warnings about numbers that were rounded
 * @returns the filter that keeps the elements for which the condition is true. A task for which it
 * throws fails in its place. The filter throws a `UsageError` before the first task when the first
 * elements lack a name of the condition, or the condition throws for all of them.
 * @throws {UsageError} when the text is not an expression.
 */
export async function whereFilter(
  expression: string,
  settings: Settings,
  warn: (text: string) => void,
): Promise<TaskFilter> {
  const condition = await readCondition(expression), { permissions } = settings;
  const program = await bundleCondition(condition, { cache: cacheFolder(), permissions });
  return async function* (tasks, { signal, places, isCheck }) {
    let isFirst = true;
    const judged = judgeElements<Verdict>(withNamesChecked(tasks, condition), {
      settings,
      program,
      // A check is repeated when the list is read, with its warnings.
      warn: isCheck ? () => {} : (text) => warn(`--where: ${text}`),
      signal,
      read: ({ length }) => length === "true".length,
      readError: (error) => error,
    });
    for await (const { batch, verdicts } of judged) {
      if (isFirst) refuseAlways(expression, batch, verdicts);
      isFirst = false;
      yield* joinTasks(keptTasks(batch, verdicts, places));
    }
  };
}

async function* withNamesChecked(
  tasks: AsyncIterable<TaskBatch>,
  condition: WhereCondition,
): AsyncGenerator<TaskBatch> {
  let isFirst = true;
  for await (const batch of tasks) {
    if (isFirst) await checkNames(condition, batch.slice(0, Math.min(batch.count, FIRST)));
    isFirst = false;
    yield batch;
  }
}

/** Refuses a condition that throws for all elements of the first batch. */
function refuseAlways(expression: string, batch: TaskBatch, verdicts: readonly Verdict[]): void {
  const tasks = verdicts.filter((_, i) => isJson(batch.task(i).args));
  const errors = tasks.filter((one) => typeof one === "object");
  const [error] = errors;
  if (!error || errors.length < tasks.length) return;
  throw cannotUse(expression, `it throws ${error.type}: ${error.message}`);
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
  const name = elementName(task.id, places.of(task.id));
  const text = badElement(name, `--where throws ${type}: ${message}`);
  return { ...task, args: new TextEncoder().encode(text) };
}

function isJson(args: Uint8Array): boolean {
  return tryJson(argsText(args)) !== undefined;
}
