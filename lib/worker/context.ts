/**
 * The context that a function receives as its second parameter.
 *
 * @module
 */

/** The context of `setup` and `teardown`, which a worker calls once each. */
export interface SetupContext {
  /** The id of the job. */
  readonly job: string;
  /**
   * Aborted when the run is canceled. The worker is killed after `grace`.
   */
  readonly signal: AbortSignal;
  /**
   * The folder for the files of the job, as an absolute path. All tasks share the folder, which is
   * created when this property is first read.
   */
  readonly dir: string;
  /**
   * Adds a line to the log of the job.
   *
   * @param text the line
   * @param fields values that belong to the line
   */
  log(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * The context of one call of the function. A function receives it when it declares a second
 * parameter.
 *
 * @example Continue after the rows that an earlier attempt has done
 * ```ts
 * import type { TaskContext } from "dl_jobs";
 *
 * export async function convert(path: string, ctx: TaskContext) {
 *   const rows = 100;
 *   for (let row = (ctx.checkpoint.last as number | undefined) ?? 0; row < rows; row++) {
 *     ctx.signal.throwIfAborted();
 *     await Deno.writeTextFile(`${ctx.dir}/${ctx.task}-${row}.txt`, path);
 *     ctx.checkpoint.save(row + 1);
 *     ctx.progress((row + 1) / rows);
 *   }
 *   return rows;
 * }
 * ```
 *
 * @typeParam State The type of the value that `setup` returns.
 * @typeParam Saved The type of the checkpoints.
 */
// deno-lint-ignore no-explicit-any -- the types are those of the user's `setup` and checkpoints
export interface TaskContext<State = any, Saved = any> extends SetupContext {
  /** The id of the task, which is its position in the list, from 0. */
  readonly task: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /**
   * Aborted when the task exceeds its time limit, and when the run is canceled. The worker is killed
   * after `grace`. Code that does not return to the event loop does not notice.
   */
  readonly signal: AbortSignal;
  /** The value that `setup` returned in this worker. */
  readonly state: State;
  /** The values from which a later attempt can continue. */
  readonly checkpoint: TaskCheckpoint<Saved>;
  /**
   * Reports the part of the task that is done. The last value of each second is shown.
   *
   * @param fraction the part, from 0 to 1
   * @param text a few words, such as the current step
   */
  progress(fraction: number, text?: string): void;
}

/**
 * The checkpoints of a task.
 *
 * @typeParam Saved The type of the checkpoints.
 */
// deno-lint-ignore no-explicit-any -- the type is that of the user's checkpoints
export interface TaskCheckpoint<Saved = any> {
  /** The value that this or an earlier attempt saved last; `undefined` when there is none. */
  readonly last: Saved | undefined;
  /**
   * Saves a value for the next attempt of the task. The first value and the last value of each
   * second are kept.
   *
   * @throws {TypeError} when JSON cannot represent the value.
   * @throws {RangeError} when its JSON has more than 1,000,000 characters.
   */
  save(value: Saved): void;
}
