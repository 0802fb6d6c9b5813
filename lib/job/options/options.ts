/**
 * The options of jobs and of their runs.
 *
 * @module
 */

import type { Config, ConfigInput } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { OutputOptions } from "../../formats/output.ts";
import type { MethodCall } from "../../job_dir/record.ts";
import type { ResultSink } from "../../job_dir/result_writer.ts";
import type { Cuts } from "../../tasks/cuts/cuts.ts";
import type { ArgsList } from "../../tasks/source.ts";
import type { SetupContext, TaskContext } from "../../worker/context.ts";
import type { RunProgress } from "../report/run_progress.ts";
import type { CanaryOptions } from "../canary/canary.ts";
import type { CheckOptions } from "./check_options.ts";

/**
 * A function that a job calls with each element of its list, or once with `args` and `kwargs` when
 * the job has no list. A function that is called with the elements of a list receives a
 * `TaskContext` when it declares a second parameter. A returned promise is awaited.
 */
// deno-lint-ignore no-explicit-any -- the default must accept functions of any argument
export type TaskFunction<Result = unknown, Arg = any> = (
  arg: Arg,
  // deno-lint-ignore no-explicit-any -- without a list, further arguments may be of any type
  ...more: any[]
) => Result | PromiseLike<Result>;

/** A function that a job calls with each element of its list, and with the context of the call. */
// deno-lint-ignore no-explicit-any -- the default must accept functions of any argument
export type ContextFunction<Result = unknown, Arg = any> = (
  arg: Arg,
  ctx: TaskContext,
) => Result | PromiseLike<Result>;

/**
 * A function that folds a result into an accumulator, and returns the next accumulator. The first
 * accumulator is `undefined`. A returned promise is awaited.
 */
// deno-lint-ignore no-explicit-any -- the types of a task are unknown when its function is named
export type ReduceFunction = (accumulator: any, result: any, args: any) => unknown;

/** A function that each worker calls once: `setup` or `teardown`. A returned promise is awaited. */
export type SetupFunction = (ctx: SetupContext) => unknown;

/**
 * The options of a job except its function. They include the list, its cuts and its check, and every
 * option of the config file.
 */
// deno-lint-ignore no-explicit-any -- the argument's type is unknown when the function is named
export interface JobDetails<Arg = any> extends ConfigInput, Cuts, CheckOptions {
  /**
   * The list of arguments. The function is called once for each element. A number n means the
   * numbers 0 to n-1, and a string is the path or URL of a file, `-` for stdin, or a pattern of
   * paths such as `glob:data/*.tif`. The ending of its name determines the format of a file, as in
   * `files()`. Without a list, the function is called once with `args` and `kwargs`.
   */
  readonly argsList?: ArgsList<Arg> | null | undefined;
  /**
   * The positional arguments of the only call, when the job has no list.
   * @default {[]}
   */
  readonly args?: readonly unknown[] | undefined;
  /** The named arguments of the only call, passed as one object after `args`. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Runs the job on the configured engine instead of on this machine.
   * @default {false}
   */
  readonly platformJob?: boolean | undefined;
  /**
   * The name of the job, which is also the prefix of its file names.
   * @default {module.method}
   */
  readonly name?: string | undefined;
  /** Modules to ship with the function, for engines that ship sources. */
  readonly modules?: readonly string[] | null | undefined;
  /** Packages that the function needs, as a list or a file, for engines that install packages. */
  readonly requirements?: readonly string[] | string | null | undefined;
  /** Data files to ship with the function, as paths or patterns, for engines that ship files. */
  readonly data?: readonly string[] | null | undefined;
  /** Further options of the engine, under the engine's own names. */
  readonly taskKwargs?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Folds the results into one value, which is then the result of the job: a function, or a name such
   * as `work.ts#add`. Called in a process of its own once all tasks have ended, with the accumulator,
   * a result, and the arguments of its task, for each result in the order of the list.
   */
  readonly reduce?: string | ReduceFunction | undefined;
  /**
   * A key of the results, or else of the arguments. The value of `reduce` is then an object with
   * `key` and `value` for each value of this key.
   */
  readonly by?: string | undefined;
  /**
   * Called by each worker before its first task, with a {@linkcode SetupContext}. The result is
   * `ctx.state` in the function. Only with `fn`: a module exports its own `setup`.
   */
  readonly setup?: SetupFunction | undefined;
  /** Called by each worker after its last task. Only with `fn`. */
  readonly teardown?: SetupFunction | undefined;
}

/**
 * The options of a job, including its function. Each option of the config file is also an option
 * here, and overrides the config file, the environment and the flags.
 */
export interface JobOptions<
  Result = unknown,
  // deno-lint-ignore no-explicit-any -- the argument's type is unknown when the function is named
  Arg = any,
  Fn = TaskFunction<Result, Arg>,
> extends JobDetails<Arg> {
  /** The module of the function: `a.b` for `a/b.ts`, a path, or a URL. */
  readonly moduleName?: string | undefined;
  /**
   * The name of the exported function to call.
   * @default {the option `defaultMethod`}
   */
  readonly methodName?: string | undefined;
  /**
   * The function itself, as an alternative to `moduleName`. The function must not use variables of
   * an enclosing scope.
   */
  readonly fn?: Fn | undefined;
  /**
   * A program to run for each task, as an alternative to a function: a text that is split into words
   * as by a shell, or the list of words. The argument of the task replaces `{}`, its values replace
   * `{key}`, `{key.sub}` and `{0}`, and the task's id replaces `{#}`. The filters `name`, `stem`,
   * `dir`, `ext`, `host` and `json` change a value: `{path|stem}`. `{{` is a brace.
   *
   * @example
   * ```ts
   * import { Job } from "dl_jobs";
   *
   * const cwd = Deno.cwd();
   * Deno.chdir(Deno.makeTempDirSync());
   * const argsList = [{ path: "in/a b.tif" }];
   * const job = new Job({ command: "echo {path|stem}.png", argsList, noisy: false });
   * const names = await Array.fromAsync(job.run());
   * Deno.chdir(cwd);
   * if (names.join() !== "a b.png") throw new Error(names.join());
   * ```
   */
  readonly command?: string | readonly string[] | undefined;
  /**
   * Runs the command with `sh`, which receives the values in quotes.
   * @default {false}
   */
  readonly shell?: boolean | undefined;
  /**
   * The form of the result on the program's stdout: a text, without its last newline; JSON; a list
   * of lines; or none.
   * @default {"text"}
   */
  readonly stdout?: "text" | "json" | "lines" | "none" | undefined;
  /** The job in Python code that named the function. @ignore */
  readonly dlJob?: { readonly import: string; readonly isCall: boolean } | undefined;
}

/**
 * The options of one run of a job.
 *
 * @example Change options for one run, and end the run after a minute
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
  /** Cuts of the list that override the job's own cuts. */
  readonly cuts?: Cuts | undefined;
  /** The function that folds the results, which overrides that of the job. */
  readonly reduce?: string | undefined;
  /** The key of the groups of `reduce`. */
  readonly by?: string | undefined;
  /** The check of the elements, which overrides the job's own one. */
  readonly checks?: CheckOptions | undefined;
  /** Options of the config file, and `platformJob`, that override the job's own options. */
  readonly overrides?: (ConfigInput & Pick<JobDetails, "platformJob">) | undefined;
  /** Sinks that receive the lines of the results file as they are written. */
  readonly outputSinks?: readonly ResultSink[] | undefined;
  /** Sinks for the same lines, used only for a job whose option `noisy` is true. @ignore */
  readonly noisySinks?: readonly ResultSink[] | undefined;
  /**
   * The path of the results file. By default, the file is named after the job. The ending of the name
   * determines the format, as for `dl_jobs map --output`. A file that is not ndjson is written once
   * all tasks have ended.
   */
  readonly output?: string | undefined;
  /** The options for writing `output`. */
  readonly outputOptions?: OutputOptions | undefined;
  /**
   * Reports the plan of the run without running the job.
   * @default {false}
   */
  readonly isDryRun?: boolean | undefined;
  /**
   * The tasks that run before the others, and the decision that follows them. The list is read to its
   * end before the first task.
   *
   * @example Stop when a task of the canary fails, or the others would take more than an hour
   * ```ts
   * import { Job } from "dl_jobs";
   *
   * const cwd = Deno.cwd();
   * Deno.chdir(Deno.makeTempDirSync());
   * const job = new Job({ fn: (x: number) => x * 2, argsList: 100, noisy: false });
   * const { succeeded } = await job.run({
   *   canary: {
   *     tasks: 5,
   *     confirm: ({ failed, restMs = Infinity }) => failed === 0 && restMs < 3_600_000,
   *   },
   * });
   * Deno.chdir(cwd);
   * if (succeeded !== 100) throw new Error(String(succeeded));
   * ```
   *
   * @default {all tasks run in the order of the list}
   */
  readonly canary?: CanaryOptions | undefined;
  /** The run method that created the job. A resumed job calls the method again to get its list. */
  readonly origin?: MethodCall | undefined;
  /**
   * Stops the run when aborted. No more tasks start, and running tasks may finish within `grace`.
   */
  readonly stop?: AbortSignal | undefined;
  /**
   * Ends the run when aborted. No more tasks start, and running tasks are ended: at once, or within
   * `grace` if they have a context.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called before the job is created. It may throw to prevent that. @ignore */
  readonly onBegin?: (() => void) | undefined;
  /**
   * The configuration, if the caller has already loaded it with the same flags.
   *
   * @ignore
   */
  readonly loaded?: LoadedConfig | undefined;
}

/** A job that can be started. */
export interface Startable {
  /** The name of the job, which is also the prefix of its file names. */
  readonly name: string;
  /** The options of the job. */
  readonly options: JobOptions;
}

/** The connections between a `Run` and the function that runs its job. */
export interface RunHooks {
  /** Sinks that receive one line per result. Sinks may be added and removed during the run. */
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
  command: true,
  shell: true,
  stdout: true,
  setup: true,
  teardown: true,
  dlJob: true,
  argsList: true,
  where: true,
  unique: true,
  sample: true,
  seed: true,
  shuffle: true,
  skip: true,
  limit: true,
  reduce: true,
  by: true,
  schema: true,
  invalid: true,
  args: true,
  kwargs: true,
  platformJob: true,
  name: true,
  modules: true,
  requirements: true,
  data: true,
  taskKwargs: true,
};
