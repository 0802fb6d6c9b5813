/**
 * What a job and a run of it are told.
 *
 * @module
 */

import type { Config, ConfigInput } from "../config/config.ts";
import type { ListSource } from "../job_dir/record.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import type { ArgsList } from "../tasks/source.ts";
import type { RunProgress } from "./controller.ts";

/**
 * A function that tasks call: with one element of the list, or with the arguments of a job without a
 * list. A promise that it returns is awaited.
 */
// deno-lint-ignore no-explicit-any -- by default, a function of any argument is one
export type TaskFunction<Result = unknown, Arg = any> = (
  arg: Arg,
  // deno-lint-ignore no-explicit-any -- without a list, further arguments may be of any type
  ...more: any[]
) => Result | PromiseLike<Result>;

/** The options of a job apart from its function: its list, and every option of the config file. */
// deno-lint-ignore no-explicit-any -- a list is not checked where the function is only named
export interface JobDetails<Arg = any> extends ConfigInput {
  /**
   * The list: the function is called once for each element. A number n means 0 to n-1, a text is
   * the path of an ndjson file. Without a list there is one call, with `args` and `kwargs`.
   */
  readonly argsList?: ArgsList<Arg> | null | undefined;
  /** The positional arguments of the one call of a job without a list. @default {[]} */
  readonly args?: readonly unknown[] | undefined;
  /** The named arguments of that call, passed as one object after the others. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Runs the job on the configured engine instead of this machine. @default {false} */
  readonly platformJob?: boolean | undefined;
  /** The name of the job, which its files start with. @default {module.method} */
  readonly name?: string | undefined;
  /** Modules that travel with the function, for engines that ship sources. */
  readonly modules?: readonly string[] | undefined;
  /** Requirements of the function, as a list or a file, for engines that install them. */
  readonly requirements?: readonly string[] | string | undefined;
  /** Data files that travel with the function, as paths or patterns, for engines that ship them. */
  readonly data?: readonly string[] | undefined;
  /** Further options of the engine, by its own names. */
  readonly taskKwargs?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The options of a job: a function, given itself or by its name, and the details. Each option of the
 * config file is also an option here, and overrides the file, the environment and flags.
 */
// deno-lint-ignore no-explicit-any -- a list is not checked where the function is only named
export interface JobOptions<Result = unknown, Arg = any> extends JobDetails<Arg> {
  /** The module of the function: `a.b` for `a/b.ts`, a path, or a URL. */
  readonly moduleName?: string | undefined;
  /** The export that is called. @default {the option `defaultMethod`} */
  readonly methodName?: string | undefined;
  /** The function itself instead of its module. It must not use variables of its surroundings. */
  readonly fn?: TaskFunction<Result, Arg> | undefined;
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
  readonly output?: string | undefined;
  /** Only say what would be done. @default {false} */
  readonly isDryRun?: boolean;
  /** The run method that made the job, so that it can make its list again. */
  readonly origin?: Omit<Extract<ListSource, { kind: "method" }>, "kind"> | undefined;
  /** When it is aborted nothing more is started, and what runs may finish. */
  readonly stop?: AbortSignal | undefined;
  /** Ends the run when it is aborted. */
  readonly signal?: AbortSignal | undefined;
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
