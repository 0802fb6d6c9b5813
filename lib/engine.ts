/**
 * The contract between a job and the place where its tasks run.
 *
 * Some call such a place an executor. Only types stand here.
 *
 * @module
 */

import type { EventBatch } from "./event.ts";
import type { TaskBatch } from "./batch.ts";

/** What an engine is told about the job whose tasks it runs. */
export interface EngineContext {
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  /** The program that calls the function: the worker's loop and the user's code in one file. */
  readonly bundle: string;
  /** How many workers call the function at the same time. */
  readonly workers: number;
  /** How many tasks a worker is handed at a time; as many as fit their length when not given. */
  readonly chunk?: number;
  /** How many calls one worker has under way at the same time. */
  readonly concurrency: number;
  /** Variables set for the function, on top of what the engine gives. */
  readonly env: Readonly<Record<string, string>>;
  /** Deno's words for what the function may do, such as `--allow-read=data`. */
  readonly permissions: readonly string[];
  /** The longest that one attempt may take, in milliseconds. */
  readonly timeout?: number;
  /** The most memory that one worker may take, in bytes. */
  readonly memory?: number;
  /** How many of the machine's GPUs a task has for itself. */
  readonly gpus: number;
  /** Aborted when nothing more shall be started; what runs may finish. */
  readonly stop: AbortSignal;
  /** Aborted when what runs shall end at once. */
  readonly signal: AbortSignal;
}

/**
 * A place where tasks run. Others call it an executor.
 *
 * `run` takes tasks as it has room for them and gives one event for each attempt: the caller decides
 * whether a failure is followed by another attempt, which then comes as one more task. It ends when
 * the tasks have ended and each of them has been answered.
 */
export interface Engine {
  readonly name: string;
  run(tasks: AsyncIterable<TaskBatch>, context: EngineContext): AsyncIterable<EventBatch>;
}
