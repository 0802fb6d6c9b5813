/**
 * The plan of a run: everything that is decided before the first task starts. `new_plan.ts` plans a
 * new job, and `resume_plan.ts` a job that has run before.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import type { Engine } from "../../engines/engine.ts";
import type { JobLock } from "../../job_dir/lock.ts";
import type { OutputFiles } from "../../job_dir/rebuild.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { TaskError } from "../../journal/format.ts";
import type { Task } from "../../tasks/batch.ts";
import type { TaskList } from "../../tasks/source.ts";
import type { TaskRange } from "../../tasks/task_range.ts";
import { Reporter } from "../../terminal/reporter.ts";
import type { AsideFile } from "../../util/files/aside_file.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { UsageError } from "../../util/errors.ts";
import { createMask } from "../../util/text/mask.ts";
import type { CanaryOptions } from "../canary/canary.ts";
import type { GlobCopy } from "../list/glob_copies.ts";
import type { RunOptions } from "../options/options.ts";
import type { Reducer } from "../reduce/reducer.ts";
import type { RunSinks } from "../files/run_output.ts";
import type { RunProgress } from "../report/run_progress.ts";
import type { Settings } from "../options/settings.ts";

/** Returns true for a failure whose task runs again. */
export type RetryFilter = (error: TaskError, id: number) => boolean;

/** The plan of a run of a new or a resumed job. */
export interface RunPlan extends OutputFiles, RunSinks {
  /** The record. For a resumed job, the record excludes the outcome of the last run. */
  readonly record: JobRecord;
  readonly settings: Settings;
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  readonly engine: Engine;
  /**
   * The list; `undefined` when earlier runs read the whole list, or its source cannot be reopened.
   */
  readonly list?: TaskList | undefined;
  /** The lists of paths to copy into the folder of a new job. @default {none} */
  readonly globs?: readonly GlobCopy[] | undefined;
  /** The program that calls the function; `undefined` when it is already in the job's folder. */
  readonly code?: string | undefined;
  /** The path of the program. @default {the last program of the record} */
  readonly bundle?: string | undefined;
  /** The path of the program in the cache. @default {not cached} */
  readonly cachedProgram?: string | undefined;
  /** The results file that is written once all tasks have ended. @default {none} */
  readonly exported?: AsideFile | undefined;
  readonly reporter: Reporter;
  /** Checks the first task of a new job. Throws when no task can run. @default {no check} */
  readonly checkFirst?: ((task: Task) => void) | undefined;
  /** The function of a new job that folds its results. @default {none, or in the job's folder} */
  readonly reducer?: Reducer | undefined;
  /** Aborted when no more tasks should start. */
  readonly stop: AbortSignal;
  /** Aborted when running tasks should be ended at once. */
  readonly signal: AbortSignal;
  /**
   * The tasks to take back from the engine, which earlier runs gave to it: those that run may finish,
   * and no others begin. @default {the run has all tasks}
   */
  readonly given?: readonly TaskRange[] | undefined;
  /** The tasks of a new job that run before the others. @default {none} */
  readonly canary?: CanaryOptions | undefined;
  /** Selects the failures of earlier runs whose tasks run again. @default {none} */
  readonly retryFilter?: RetryFilter | undefined;
  /** True when the run has another program than the last run. @default {false} */
  readonly hasNewCode?: boolean | undefined;
  /**
   * The time of the end of the last run, as ISO 8601 text, if it ended normally, so that its files are
   * complete. @default {it was killed, or there was none}
   */
  readonly lastEnded?: string | undefined;
  /** True when no task and no file was left for this run. @default {false} */
  readonly isOver?: boolean | undefined;
  /** The lock of the job, if the caller has already taken it. */
  readonly lock?: JobLock | undefined;
  /** Called before a new job is created. @default {not called} */
  readonly onBegin?: (() => void) | undefined;
  /** An object that receives the progress of the run. */
  readonly progress?: RunProgress | undefined;
}

/**
 * Creates the reporter of a job.
 *
 * @param config the options for messages and progress
 * @param log the log file for messages, if any
 */
export function newReporter(
  { noisy, quiet, printLogs, progress, suppress, env }: Config,
  log: LineFile | undefined,
): Reporter {
  const mask = createMask(Object.values(env));
  return new Reporter({ noisy, quiet, printLogs, progress, suppress, log, mask });
}

/**
 * Joins the signals that stop or end a run.
 *
 * @param options the caller's signals
 * @param canceled aborted when the run is canceled
 */
export function joinSignals(
  { stop, signal }: Pick<RunOptions, "stop" | "signal">,
  canceled?: AbortSignal,
): Pick<RunPlan, "stop" | "signal"> {
  const isSignal = (one: AbortSignal | undefined) => one !== undefined;
  const end = AbortSignal.any([canceled, signal].filter(isSignal));
  return { stop: AbortSignal.any([end, stop].filter(isSignal)), signal: end };
}

/**
 * Waits for a part of the start of a run, which the user may stop. A process that this part needs
 * may receive the same Ctrl-C, and fail.
 *
 * @param stop aborted when the user stops the run
 * @throws {UsageError} when the part fails after that.
 */
export async function orStopped<T>(part: Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await part;
  } catch (error) {
    if (stop.aborted) throw new UsageError("Cannot start the job: it was stopped before");
    throw error;
  }
}
