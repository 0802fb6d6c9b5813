/**
 * The contract between a job and the place where its tasks run. The module holds types only.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import type { Shipment } from "../job_dir/record.ts";
import type { EventBatch } from "../journal/format.ts";
import type { TaskBatch } from "../tasks/batch.ts";
import type { Activity } from "../terminal/progress_line.ts";

/** The job whose tasks an engine runs, and the means to report to it. */
export interface EngineContext {
  /** The job's folder, as an absolute path. An engine keeps its own files in a folder inside it. */
  readonly folder: string;
  /** The path of the program that calls the function: the worker's loop and the user's code. */
  readonly bundle: string;
  /** The number of workers that run at the same time. @default {as many as fit the place} */
  readonly workers?: number | undefined;
  /** The number of tasks sent to a worker at a time. @default {as many as suit their length} */
  readonly chunk?: number | undefined;
  /** The number of calls that one worker has under way at the same time, at least 1. */
  readonly concurrency: number;
  /** Environment variables of the function, added to those that the engine sets. */
  readonly env: Readonly<Record<string, string>>;
  /** The flags of Deno that say what the function may do, such as `--allow-read=data`. */
  readonly permissions: readonly string[];
  /** The longest that one attempt may run, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that one worker may take, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
  /** The number of CPUs that one task needs. */
  readonly cpus: number;
  /** The number of GPUs that one task has for itself. */
  readonly gpus: number;
  /** The container image, for engines that have containers. */
  readonly image: string;
  /** The files that travel with the function, for engines that ship sources. @default {none} */
  readonly ship?: Shipment | undefined;
  /** The engine's own options, by name: the values of the job's option named like the engine. */
  readonly settings: Readonly<Record<string, string>>;
  /** Shows the user a warning while the job runs. */
  readonly warn: (text: string) => void;
  /**
   * Accepts a function that tells what is under way. The progress line calls it each time it is
   * drawn, so that a task costs nothing. Engines that do not know leave it uncalled.
   */
  readonly observe?: ((look: () => Activity) => void) | undefined;
  /** Aborted when no further task may begin; the tasks that run may end. */
  readonly stop: AbortSignal;
  /** Aborted when the run must end at once. */
  readonly signal: AbortSignal;
}

/**
 * A place where tasks run. Other tools call it an executor.
 *
 * To add an engine:
 *
 * 1. Write `lib/engines/<name>.ts`, or a folder of that name, with a value of this type.
 * 2. Add the name to `ENGINES` in `lib/config/options.ts` and a loader to `lib/engines/mod.ts`.
 * 3. Run the conformance suite on it: `testEngine("<name>", engine)` from
 *    `tests/support/conformance/mod.ts`. The suite holds all that is said here.
 *
 * An engine that submits to a scheduler and asks for the state afterwards is a backend of
 * `lib/engines/batch/` instead: all but the scheduler's own commands is there.
 *
 * The shortest engine is `inline`. In outline, every engine does the same:
 *
 * @example
 * ```ts
 * import type { Engine } from "./engine.ts";
 * import { NO_EVENTS, successLine } from "../journal/format.ts";
 *
 * // Calls no function: each task returns its own arguments.
 * const echo: Engine = {
 *   name: "echo",
 *   async *run(tasks, { stop, signal }) {
 *     for await (const batch of tasks) {
 *       if (stop.aborted || signal.aborted) return;
 *       for (const { id, attempt, args } of batch) {
 *         const result = new TextDecoder().decode(args);
 *         const encode = (line: string) => new TextEncoder().encode(`${line}\n`);
 *         const lines = encode(successLine(id, attempt, 0, result));
 *         yield { ...NO_EVENTS, lines, results: encode(result), succeeded: 1 };
 *       }
 *     }
 *   },
 * };
 * if (echo.name !== "echo") throw new Error("another engine");
 * ```
 */
export interface Engine {
  /** The engine's name, as `--engine` has it. */
  readonly name: string;
  /**
   * Runs tasks, and yields what happened to them.
   *
   * The engine takes tasks as it has room for them, and yields exactly one event for each attempt: a
   * success, or a failure with the task's arguments. A `lost` failure is the engine's own, such as a
   * machine that died. The caller decides about retries: a further attempt comes as one more task.
   * The memory of a batch may be reused once the next one is asked for.
   *
   * The run ends when the tasks have ended and each has its event. After `stop` it takes no task, and
   * ends with those that run. After `signal` it ends at once, and charges no task. It also ends when
   * the caller stops reading.
   *
   * @param tasks the list and the retries; the engine must read it one batch at a time
   * @param context the job
   * @throws {UsageError} when the function cannot run at all, so that trying again does not help.
   * @throws whatever the reading of `tasks` throws, after the events of the tasks before it.
   */
  run(tasks: AsyncIterable<TaskBatch>, context: EngineContext): AsyncIterable<EventBatch>;
  /**
   * Checks the options of a job before the job's folder exists.
   *
   * @throws {UsageError} when the engine cannot do what they ask.
   */
  check?(options: Config): void;
  /**
   * Describes what the engine has of a job, whichever process runs the job.
   *
   * @param folder the job's folder
   * @returns lines of text for the user
   */
  describe?(folder: string): Promise<string[]>;
  /**
   * Ends what the engine has of a job, whichever process runs the job.
   *
   * @param folder the job's folder
   */
  cancel?(folder: string): Promise<void>;
  /** Returns a text for the user that says what `run` would do, without doing it. */
  preview?(context: EngineContext): Promise<string>;
}
