/**
 * The options of a job, and those of one run of it.
 *
 * @module
 */

import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/options.ts";
import type { ListSource } from "../job_dir/record.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import type { ArgsList } from "../tasks/source.ts";
import type { RunProgress } from "./run_progress.ts";

/** An option's value as a user writes it: durations in seconds or `"5m"`, memory as `"4GB"`. */
export type ConfigInput = { readonly [Name in keyof Config]?: Config[Name] | string | null };

/**
 * The options of a job. Every option of the config file can be given too, and wins over the file,
 * the environment and flags.
 */
export interface JobOptions extends ConfigInput {
  /** The module of the function: `a.b` for `a/b.ts`, a path, or a URL. */
  readonly moduleName?: string;
  /** The export that is called. @default {the option `default_method`} */
  readonly methodName?: string;
  /** The function itself, in place of its module; it must not use a name from around itself. */
  // deno-lint-ignore no-explicit-any -- any function of one argument is one
  readonly fn?: (...args: any[]) => unknown;
  /**
   * The list: the function is called once for each element. A number n means 0 to n-1, a text is
   * the path of an ndjson file. Without a list there is one call, with `args` and `kwargs`.
   */
  readonly argsList?: ArgsList | null;
  /** The positional arguments of the one call of a job without a list. @default {[]} */
  readonly args?: readonly unknown[];
  /** The named arguments of that call, passed as one object after the positional ones. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** True when the job runs on the configured engine instead of this machine. @default {false} */
  readonly platformJob?: boolean;
  /** The name in messages and in the names of files. @default {module.method} */
  readonly name?: string;
  /** Modules that travel with the function, for engines that ship sources. */
  readonly modules?: readonly string[];
  /** Requirements of the function, as a list or a file, for engines that install them. */
  readonly requirements?: readonly string[] | string;
  /** Data files that travel with the function, as paths or patterns, for engines that ship them. */
  readonly data?: readonly string[];
  /** Further options of the engine, by its own names. */
  readonly taskKwargs?: Readonly<Record<string, unknown>>;
}

/** The options of one run of a job. */
export interface RunOptions {
  /** Options that the job's own options win over, such as flags of a command. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Options that win over the job's own options. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Sinks for the lines of the results file, as they come. @default {[]} */
  readonly outputSinks?: readonly ResultSink[];
  /** A file for the results, in place of one that is named after the job. */
  readonly output?: string;
  /** True when the run is only described, and nothing runs or is written. @default {false} */
  readonly isDryRun?: boolean;
  /** The run method that returned the job, so that a resumed job can read its list again. */
  readonly origin?: Omit<Extract<ListSource, { kind: "method" }>, "kind">;
  /** Stops the run: when aborted, no more tasks are started, and running tasks may finish. */
  readonly stop?: AbortSignal | undefined;
  /** Ends the run: when aborted, running tasks are ended at once. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The configuration, where the caller has loaded it with the same flags.
   *
   * @ignore
   */
  readonly loaded?: LoadedConfig | undefined;
}

/** A job that can be started. */
export interface Startable {
  /** The name in messages and in the names of files. */
  readonly name: string;
  /** The options of the job. */
  readonly options: JobOptions;
}

/** The connections between a run and its caller. */
export interface RunHooks {
  /** Sinks for the result of each task. Sinks may be added while the job runs. */
  readonly resultSinks: ResultSink[];
  /** Aborted when the caller cancels the run. */
  readonly signal: AbortSignal;
  /** Filled with the progress of the run. */
  readonly progress: RunProgress;
}

/** The options of a job that are not options of the config file. */
export const JOB_ONLY: { readonly [Name in Exclude<keyof JobOptions, keyof Config>]: true } = {
  moduleName: true,
  methodName: true,
  fn: true,
  argsList: true,
  args: true,
  kwargs: true,
  platformJob: true,
  name: true,
  modules: true,
  requirements: true,
  data: true,
  taskKwargs: true,
};
