/**
 * What a job and a run of it are told.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import type { ListSource } from "../job_dir/record.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import type { ArgsList } from "../tasks/source.ts";
import type { RunProgress } from "./controller.ts";

/** An option's value as a user writes it: durations in seconds or `"5m"`, memory as `"4GB"`. */
export type ConfigInput = { readonly [Name in keyof Config]?: Config[Name] | string | null };

/** What a job is. Every option of the config file can be given too, and wins over all others. */
export interface JobOptions extends ConfigInput {
  /** The module of the function: `a.b` for `a/b.ts`, a path, or a URL. */
  readonly moduleName?: string;
  /** The export that is called. @default {the option `default_method`} */
  readonly methodName?: string;
  /** The function itself, in place of its module; it may take no name from around itself. */
  // deno-lint-ignore no-explicit-any -- any function of one argument is one
  readonly fn?: (...args: any[]) => unknown;
  /**
   * The list: the function is called once for each element. A number n means 0 to n-1, a text is
   * the path of an ndjson file. Without it, there is one call, with `args` and `kwargs`.
   */
  readonly argsList?: ArgsList | null;
  /** The positional arguments of the one call of a job without a list. @default {[]} */
  readonly args?: readonly unknown[];
  /** The named arguments of that call, handed over as one object behind the others. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Run it on the configured engine, not here. @default {false} */
  readonly platformJob?: boolean;
  /** What its files are called. @default {module.method} */
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

/** How one run differs from what the job says. */
export interface RunOptions {
  /** Options below what the job says, such as flags of a command. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Options above what the job says. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Who wants the lines of the results file as they come. */
  readonly sinks?: readonly ResultSink[];
  /** A file that the results go to, in place of one that is named after the job. */
  readonly output?: string;
  /** Only say what would be done. @default {false} */
  readonly isDryRun?: boolean;
  /** The run method that made the job, so that it can make its list again. */
  readonly origin?: Omit<Extract<ListSource, { kind: "method" }>, "kind">;
  /** When it is aborted nothing more is started, and what runs may finish. */
  readonly stop?: AbortSignal;
  /** Ends the run when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A job as it is started. */
export interface Startable {
  /** What its files are called. */
  readonly name: string;
  /** What it is. */
  readonly options: JobOptions;
}

/** What a run gives to whoever starts it. */
export interface RunHooks {
  /** Who wants what each task returned: the list grows while the job runs. */
  readonly resultSinks: ResultSink[];
  /** Aborted when the run is canceled. */
  readonly signal: AbortSignal;
  /** Filled with what can be seen of the run. */
  readonly sight: RunProgress;
}

/** The options of a job that are no options of the config file. */
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
