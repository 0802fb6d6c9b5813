/**
 * The contract between a job and the place where its tasks run.
 *
 * Some call such a place an executor. Only types stand here.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import type { Shipment } from "../job_dir/record.ts";
import type { EventBatch } from "../journal/format.ts";
import type { TaskBatch } from "../tasks/batch.ts";
import type { Activity } from "../terminal/progress_line.ts";

/** What an engine is told about the job whose tasks it runs. */
export interface EngineContext {
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  /** The program that calls the function: the worker's loop and the user's code in one file. */
  readonly bundle: string;
  /** How many workers call the function at the same time; as many as fit when not given. */
  readonly workers?: number | undefined;
  /** How many tasks a worker is handed at a time; as many as fit their length when not given. */
  readonly chunk?: number | undefined;
  /** How many calls one worker has under way at the same time. */
  readonly concurrency: number;
  /** Variables set for the function, on top of what the engine gives. */
  readonly env: Readonly<Record<string, string>>;
  /** Deno's words for what the function may do, such as `--allow-read=data`. */
  readonly permissions: readonly string[];
  /** The longest that one attempt may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** The most memory that one worker may take, in bytes. */
  readonly memory?: number | undefined;
  /** How many CPUs a task needs. */
  readonly cpus: number;
  /** How many of the machine's GPUs a task has for itself. */
  readonly gpus: number;
  /** The container image, for engines that have containers. */
  readonly image: string;
  /** What travels with the function, for engines that ship sources. */
  readonly ship?: Shipment | undefined;
  /** What an engine is told by its own names: the option that is called like it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Takes what a person should know while it runs. */
  readonly tell: (text: string) => void;
  /** Takes what tells what is under way, for engines that know. */
  readonly observe?: (look: () => Activity) => void;
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
  /**
   * Looks over what a job asks of it, before there is anything of the job.
   *
   * @throws {UsageError} on what it cannot give.
   */
  check?(options: Config): void;
  /** What there is to say of a job that it has, whoever runs it, for a person: a line each. */
  describe?(folder: string): Promise<string[]>;
  /** Ends what a job has there, whoever runs it. */
  cancel?(folder: string): Promise<void>;
  /** What it would do for a job, for a person, without doing it. */
  preview?(context: EngineContext): Promise<string>;
}
