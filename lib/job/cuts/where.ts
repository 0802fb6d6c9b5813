/**
 * The cut `where`: a worker process with the permissions of the job tells for each element whether
 * it is kept.
 *
 * @module
 */

import { bundleCondition } from "../../bundle/build.ts";
import type { Bundle } from "../../bundle/program.ts";
import type { EngineContext } from "../../engines/engine.ts";
import { localEngine } from "../../engines/local/local.ts";
import { badElement } from "../../formats/format.ts";
import { cacheFolder, storeOf } from "../../job_dir/layout.ts";
import type { EventBatch, TaskError } from "../../journal/format.ts";
import { eachResult } from "../../journal/scan.ts";
import { argsText, joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { FilterOptions, TaskFilter } from "../../tasks/cuts/cut_list.ts";
import type { Places } from "../../tasks/places.ts";
import { exists } from "../../util/fs.ts";
import type { WhereCondition } from "../../worker/where.ts";
import { cannotUse, checkNames, readCondition } from "./condition.ts";
import type { Settings } from "../settings.ts";
import { ValueWarnings } from "../value_warnings.ts";

// The number of elements that are checked before the first task.
const FIRST = 100;

/** The verdict on an element: true when it is kept, or the error of the condition. */
type Verdict = boolean | TaskError;

/** The verdicts on elements by their positions. */
type Verdicts = Map<number, Verdict>;

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
    { signal, places }: FilterOptions,
  ): AsyncGenerator<TaskBatch> {
    const open: TaskBatch[] = [], verdicts: Verdicts = new Map(), notes = new ValueWarnings();
    let isFirst = true;
    for await (const { lines, failures, logs } of this.#run(this.#noted(tasks, open), signal)) {
      eachResult(lines, (id, { length }) => verdicts.set(id, length === "true".length));
      for (const { event } of failures) verdicts.set(event.id, event.error);
      for (const line of logs) notes.add(line);
      for (let batch; (batch = open[0]) && isJudged(batch, verdicts); isFirst = false) {
        if (isFirst) this.#refuseAlways(batch, verdicts);
        yield* joinTasks(keptTasks(batch, verdicts, places));
        open.shift();
      }
    }
    signal.throwIfAborted();
    for (const text of notes.texts()) this.#warn(text);
  }.bind(this);

  async *#noted(tasks: AsyncIterable<TaskBatch>, open: TaskBatch[]): AsyncGenerator<TaskBatch> {
    let isFirst = true;
    for await (const batch of tasks) {
      if (isFirst) await checkNames(this.#condition, batch.slice(0, Math.min(batch.count, FIRST)));
      isFirst = false;
      open.push(batch);
      yield batch;
    }
  }

  /** Refuses a condition that throws for all elements of the first batch. */
  #refuseAlways(batch: TaskBatch, verdicts: Verdicts): void {
    const tasks = [...batch].filter(({ args }) => isJson(args));
    const errors = tasks.map(({ id }) => verdicts.get(id)).filter((one) => typeof one === "object");
    const [error] = errors;
    if (!error || errors.length < tasks.length) return;
    const { expression } = this.#condition;
    throw cannotUse(expression, `it throws ${error.type}: ${error.message}`);
  }

  async *#run(tasks: AsyncIterable<TaskBatch>, signal: AbortSignal): AsyncGenerator<EventBatch> {
    const { file, code } = this.#bundle, isKept = file !== undefined && exists(file);
    const path = isKept ? file : await Deno.makeTempFile({ prefix: "dl_jobs_", suffix: ".js" });
    try {
      if (!isKept) await Deno.writeTextFile(path, code);
      yield* localEngine.run(tasks, this.#context(path, signal));
    } finally {
      if (!isKept) await Deno.remove(path);
    }
  }

  #context(bundle: string, signal: AbortSignal): EngineContext {
    const { config: { env, bigIntegers }, permissions } = this.#settings;
    return {
      job: "",
      folder: storeOf(),
      // A condition has no files: the folder does not exist.
      files: `${storeOf()}/where/files`,
      bundle,
      workers: 1,
      concurrency: 1,
      env,
      permissions,
      grace: 0,
      cpus: 1,
      gpus: 0,
      image: "",
      values: { hasBigInts: bigIntegers === "bigint" },
      settings: {},
      warn: this.#warn,
      stop: signal,
      signal,
    };
  }
}

function isJudged(batch: TaskBatch, verdicts: Verdicts): boolean {
  // The tasks mostly end in order.
  for (let i = batch.count - 1; i >= 0; i--) if (!verdicts.has(batch.id(i))) return false;
  return true;
}

function keptTasks(
  batch: TaskBatch,
  verdicts: Verdicts,
  places: Places,
): Task[] {
  const kept: Task[] = [];
  for (let i = 0; i < batch.count; i++) {
    const id = batch.id(i), verdict = verdicts.get(id)!;
    verdicts.delete(id);
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
  try {
    JSON.parse(argsText(args));
    return true;
  } catch {
    return false;
  }
}
