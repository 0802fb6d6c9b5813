/**
 * The options of a job, and of a run of it.
 *
 * @module
 */

import type { Config, ConfigInput } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ListSource } from "../job_dir/record.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import type { ArgsList } from "../tasks/source.ts";
import type { RunProgress } from "./run_progress.ts";

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
  /**
   * The positional arguments of the one call of a job without a list.
   * @default {[]}
   */
  readonly args?: readonly unknown[] | undefined;
  /** The named arguments of that call, passed as one object after the others. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Runs the job on the configured engine instead of this machine.
   * @default {false}
   */
  readonly platformJob?: boolean | undefined;
  /**
   * The name of the job, which its files start with.
   * @default {module.method}
   */
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
  /**
   * The export that is called.
   * @default {the option `defaultMethod`}
   */
  readonly methodName?: string | undefined;
  /** The function itself instead of its module. It must not use variables of its surroundings. */
  readonly fn?: TaskFunction<Result, Arg> | undefined;
}

/**
 * The options of one run of a job.
 *
 * @example Change options for one run, and stop it after a time
 * ```ts
 * import { Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const job = new Job({ fn: (x: number) => x * 2, argsList: 3 });
 * const signal = AbortSignal.timeout(60_000);
 * await job.run({ overrides: { quiet: true }, output: "doubled.ndjson", signal });
 * const lines = Deno.readTextFileSync("doubled.ndjson").trim().split("\n");
 * Deno.chdir(cwd);
 * if (lines.sort().join() !== "0,2,4") throw new Error(lines.join());
 * ```
 */
export interface RunOptions {
  /** Options that the job's own options override, such as the flags of a command. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
  /** Options that override the job's own options. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Receivers of the lines of the results file, as they are written.
   * @default {[]}
   */
  readonly outputSinks?: readonly ResultSink[] | undefined;
  /** The path of the results file, instead of one that is named after the job. */
  readonly output?: string | undefined;
  /**
   * Reports the plan of the run, and runs nothing.
   * @default {false}
   */
  readonly isDryRun?: boolean | undefined;
  /** The run method that created the job, so that a resumed job can create its list again. */
  readonly origin?: Omit<Extract<ListSource, { kind: "method" }>, "kind"> | undefined;
  /** Stops the run when it is aborted: no more tasks are started, running tasks may end. */
  readonly stop?: AbortSignal | undefined;
  /** Ends the run when it is aborted: no more tasks are started, running tasks are ended. */
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
  /** The name of the job, which its files start with. */
  readonly name: string;
  /** The options of the job. */
  readonly options: JobOptions;
}

/** The connections between a `Run` and the function that runs its job. */
export interface RunHooks {
  /** Receivers of the results, one line a task. The list changes while the job runs. */
  readonly resultSinks: ResultSink[];
  /** A signal that is aborted when the run is canceled. */
  readonly signal: AbortSignal;
  /** An object that receives the record, the folder and the counts of the run. */
  readonly progress: RunProgress;
}

/** The names of a job's options that are not options of the config file. */
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
