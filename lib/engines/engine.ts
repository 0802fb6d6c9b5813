/**
 * The contract between a job and the engine that runs its tasks. This module contains only types.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import type { Shipment } from "../job_dir/record.ts";
import type { ActiveProcess } from "../job_dir/running_tasks.ts";
import type { EventBatch } from "../journal/format.ts";
import type { TaskBatch } from "../tasks/batch.ts";
import type { LiveOptions, LiveValues } from "../tasks/live_options.ts";
import type { Pace } from "../tasks/pace.ts";
import type { TaskRange } from "../tasks/task_range.ts";
import type { Activity } from "../terminal/progress_line.ts";
import type { ValuePolicy } from "../values/policy.ts";
import type { ReduceOptions } from "../worker/reduce.ts";

/** The job whose tasks an engine runs, and the callbacks that report to the job. */
export interface EngineContext {
  /** The job's id. */
  readonly job: string;
  /** The absolute path of the job's folder. An engine keeps its files in a subfolder. */
  readonly folder: string;
  /**
   * The folder for files that tasks write (`ctx.dir`), as an absolute path. It exists once a task
   * has asked for it. An engine on another machine returns its files to this folder.
   */
  readonly files: string;
  /**
   * The path of the program that a worker runs: the worker's loop and the user's code. A name that
   * ends in `.py` is a program for `python`, any other one for Deno.
   */
  readonly bundle: string;
  /**
   * A second path of the program, which stays the same from job to job, so that V8 finds its
   * compiled code. The file may be removed at any time. @default {none}
   */
  readonly cachedProgram?: string | undefined;
  /** The number of concurrent workers. @default {the engine's choice} */
  readonly workers?: number | undefined;
  /** The number of tasks sent to a worker together. @default {adapted to their duration} */
  readonly chunk?: number | undefined;
  /** The number of tasks after which a worker is replaced. @default {it stays} */
  readonly tasksPerWorker?: number | undefined;
  /** The number of concurrent calls in one worker, at least 1. */
  readonly concurrency: number;
  /** Environment variables for the function, in addition to those that the engine sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Deno's permission flags for the function, such as `--allow-read=data`. */
  readonly permissions: readonly string[];
  /** The command of the interpreter that runs the program of a Python function. */
  readonly python?: readonly string[] | undefined;
  /** True when the program of a Python function runs in the sandbox `bwrap`. @default {false} */
  readonly isSandboxed?: boolean | undefined;
  /** True to check elements with the schema of the module, on this machine. @default {false} */
  readonly isCheck?: boolean | undefined;
  /** True when the function uses the terminal of this process. @default {false} */
  readonly isOnTerminal?: boolean | undefined;
  /** True when workers accept a debugger, which reads the stack of a late task. @default {false} */
  readonly inspectable?: boolean | undefined;
  /** The longest run time of one attempt, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The time that a call has after its signal was aborted, in milliseconds. */
  readonly grace: number;
  /** The most memory that one worker may use, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
  /** The values of options that change while the job runs. @default {they do not change} */
  readonly live?: LiveOptions | undefined;
  /** Decides when tasks may begin. @default {at once} */
  readonly pace?: Pace | undefined;
  /** The number of CPUs that one task needs. */
  readonly cpus: number;
  /** The number of GPUs reserved for one task. */
  readonly gpus: number;
  /** The container image, for engines that run containers. */
  readonly image: string;
  /**
   * The files to send along with the function, for engines that ship sources.
   *
   * @default {no files}
   */
  readonly ship?: Shipment | undefined;
  /** The treatment of values that cannot be represented exactly. */
  readonly values?: ValuePolicy | undefined;
  /** Set when the function folds results: a task is then a line of `worker/reduce.ts`. */
  readonly reduce?: ReduceOptions | undefined;
  /** The engine's own options by name, from the job option that has the engine's name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Shows the user a warning while the job runs. */
  readonly warn: (text: string) => void;
  /**
   * Registers a function that returns the number of running tasks and busy workers. The progress
   * line calls that function each time it is drawn, so counting adds no cost per task. An engine
   * without these numbers does not call `observe`.
   */
  readonly observe?: ((look: () => Activity) => void) | undefined;
  /** Registers a function that returns the workers that run tasks now, at most once a second. */
  readonly watch?: ((look: () => readonly ActiveProcess[]) => void) | undefined;
  /**
   * Resolves when the disk has all events that the engine has yielded. A controller that dies may
   * lose events before that. @default {unknown}
   */
  readonly synced?: (() => Promise<void>) | undefined;
  /** Aborted when no further task may begin. Running tasks may finish. */
  readonly stop: AbortSignal;
  /** Aborted when the run must end at once. */
  readonly signal: AbortSignal;
  /**
   * Aborted when events cannot be recorded, as on a full disk. The caller then stops reading, and
   * resumes the job later: other machines keep what they have.
   *
   * @default {never}
   */
  readonly broken?: AbortSignal | undefined;
}

/** The part of a context that an engine on this machine needs. */
export type LocalContext =
  & Omit<EngineContext, "folder" | "cpus" | "image" | "ship" | "settings" | "synced">
  & Partial<Pick<EngineContext, "cpus">>;

/** A run whose first process has started. Its disposal ends what has started. */
export interface PreparedRun extends AsyncDisposable, Pick<Engine, "run"> {}

/**
 * A way to run tasks, such as on local processes or on a cluster. Other tools call it an executor.
 *
 * To add an engine:
 *
 * 1. Write `lib/engines/<name>.ts`, or a folder of that name, with a value of this type.
 * 2. Add the name to `ENGINES` in `lib/config/options.ts` and a loader to `lib/engines/mod.ts`.
 * 3. Run the conformance suite on it: `testEngine("<name>", engine)` from
 *    `tests/support/conformance/mod.ts`. It tests every rule stated here.
 *
 * For a scheduler with submitted jobs and polled states, write a backend of `lib/engines/batch/`
 * instead, and for machines that a command reaches, a place of `lib/engines/stream/`. These folders
 * contain everything except the system's own commands. The page `docs/guides/another-engine.md` is a
 * checklist.
 *
 * The shortest engine is `inline`. Every engine has this outline:
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
  /** The engine's name, a value of `--engine`. */
  readonly name: string;
  /** The live options that running workers follow; tasks of other engines take limits with them. */
  readonly follows?: readonly (keyof LiveValues)[] | undefined;
  /**
   * Runs tasks, and yields the events of their attempts.
   *
   * The engine reads tasks when it can accept more, and yields exactly one event for each attempt:
   * a success, or a failure with the task's arguments. A failure of the engine itself, such as a
   * machine that died, has the class `lost`. The caller decides which tasks to retry, and adds each
   * retry to `tasks` as another attempt. The memory of a yielded batch may be reused after the
   * caller requests the next batch.
   *
   * The run ends when `tasks` has ended and each task has its event. After `stop` aborts, the
   * engine reads no more tasks, and the run ends with the last running task. After `signal` aborts,
   * no task is charged, and the run ends at once, or within `grace` while calls react to their own
   * signals. The run also ends when the caller stops reading.
   *
   * @param tasks the list and the retries; the engine must request one batch at a time
   * @param context the job
   * @throws {UsageError} when the function cannot run at all. Trying again does not help.
   * @throws the error that `tasks` throws, after the events of the tasks before the error.
   */
  run(tasks: AsyncIterable<TaskBatch>, context: EngineContext): AsyncIterable<EventBatch>;
  /**
   * Starts what needs no task, such as a process, while the job's folder is created.
   *
   * @param context the job; no code of the user may run yet
   * @returns the run, which then begins at most once; undefined when there is nothing to start
   */
  prepare?(context: EngineContext): PreparedRun | undefined;
  /**
   * Checks the options of a job before the job's folder exists.
   *
   * @throws {UsageError} when the engine does not support an option.
   */
  check?(options: Config): void;
  /**
   * Returns the memory of a task by the engine's own options, in bytes. It grows after `oom` when
   * the job has no limit of its own.
   *
   * @param settings the engine's own options
   */
  taskMemory?(settings: EngineContext["settings"]): number | undefined;
  /**
   * Describes the engine's state for a job. Another process may be running the job.
   *
   * @param folder the job's folder
   * @returns lines of text for the user
   */
  describe?(folder: string): Promise<string[]>;
  /**
   * Cancels everything that the engine runs for a job. Another process may have started the job,
   * but runs it only if {@linkcode followsCancel} is true.
   *
   * @param folder the job's folder
   */
  cancel?(folder: string): Promise<void>;
  /**
   * True when a process that runs a job notices that another process, on any machine, calls
   * {@linkcode cancel}. @default {false}
   */
  readonly followsCancel?: boolean | undefined;
  /**
   * Lists the tasks that earlier runs have given to other machines. They may run there, or
   * have ended without an event in the journal.
   *
   * @param folder the job's folder
   */
  given?(folder: string): Promise<readonly TaskRange[]>;
  /** Describes the actions of `run` as text for the user. */
  preview?(context: EngineContext): Promise<string>;
}
