/**
 * The class `Job`: one function over a list of arguments.
 *
 * @module
 */

import { literalValues } from "../config/env_option.ts";
import { showJob } from "../job/report/format.ts";
import { checkIsOptions, checkRunOptions } from "../job/options/code_options.ts";
import type { ContextFunction, JobOptions, RunOptions } from "../job/options/options.ts";
import { commandName, shortName } from "../job/files/job_name.ts";
import { isJob, JOB_BRAND } from "../job/function/run_method.ts";
import { sameFolderCheck, start } from "../job/run/start.ts";
import { escapeControls } from "../terminal/escape.ts";
import { UsageError } from "../util/errors.ts";
import { copySignal, type SignalCopy } from "../util/on_abort.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import { addSecrets } from "../util/text/mask.ts";
import { showProgress } from "./notebook.ts";
import { Run } from "./run.ts";
import { trackRun } from "./runs.ts";
import { recordStart } from "./starts.ts";

/** Options that one kind of code has, with what to do about one that another kind would ignore. */
const OWNED = [
  ["setup", "fn", "export it from the module instead"],
  ["teardown", "fn", "export it from the module instead"],
  ["methodName", "moduleName", "leave it out"],
  ["shell", "command", "leave it out"],
  ["stdout", "command", "leave it out"],
] as const;

/**
 * One function over a list of arguments. A job does nothing until {@linkcode Job.run} starts it,
 * and can be run several times, unless its list is an iterator, a stream or stdin, which can be read
 * only once.
 *
 * The types of the results and of the list's elements are inferred from `fn`. When `moduleName`
 * names the function instead, the results are `unknown` unless the caller specifies their type:
 * `new Job<number>({ moduleName: "tiles", methodName: "mean" })`.
 *
 * @example Run a function over a list
 * ```ts
 * import { Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const job = new Job({ fn: (x: number) => x * 2, argsList: [1, 2, 3], noisy: false });
 * const doubled: number[] = await Array.fromAsync(job.run());
 * Deno.chdir(cwd);
 * if (doubled.sort().join() !== "2,4,6") throw new Error(doubled.join());
 * ```
 *
 * @typeParam Result The type of a task's result.
 * @typeParam Arg The type of the list's elements.
 */
// deno-lint-ignore no-explicit-any -- the element type is unknown when the function is only named
export class Job<Result = unknown, Arg = any> {
  /** @ignore */
  readonly [JOB_BRAND] = true;

  /** Creates a job. TypeScript knows the type of the context, the second parameter of `fn`. */
  constructor(options: JobOptions<Result, Arg, ContextFunction<Result, Arg>>);
  /**
   * Creates a job without starting it.
   *
   * @param options the function, its list and the options. Option values are checked when the job
   * starts.
   * @throws {UsageError} unless `options` has exactly one of `moduleName`, `fn` and `command`.
   */
  constructor(options: JobOptions<Result, Arg>);
  constructor(readonly options: JobOptions<Result, Arg>) {
    checkIsOptions(options, "a job");
    const { fn, moduleName, command } = options;
    if ([fn, moduleName, command !== undefined].filter(Boolean).length !== 1) {
      throw new UsageError("Cannot create a job: set one of moduleName, fn and command");
    }
    for (const [name, owner, advice] of OWNED) {
      if (!options[name] || options[owner] !== undefined) continue;
      throw new UsageError(`Cannot create a job: ${name} belongs to ${owner}, ${advice}`);
    }
    // A session stores its entries after they have run.
    addSecrets(literalValues(options.env));
  }

  /**
   * Tests whether a value is a job, even one created by another copy of the library.
   *
   * @returns true when the value is a job.
   */
  static isJob(value: unknown): value is Job {
    return isJob(value);
  }

  /** The job's name: the option `name`, or the name of its function. */
  get name(): string {
    const { name, fn, moduleName = "", methodName, command, shell } = this.options;
    // Plain JavaScript may pass a number.
    if (name) return String(name);
    if (fn) return fn.name || "function";
    if (command !== undefined) return commandName(command, shell);
    return methodName ? `${shortName(moduleName)}.${methodName}` : shortName(moduleName);
  }

  /** @ignore */
  [INSPECT](): string {
    return escapeControls(showJob(this.name, this.options));
  }

  /**
   * Starts the job.
   *
   * @example Await the counts of a run
   * ```ts
   * import { Job } from "dl_jobs";
   *
   * const cwd = Deno.cwd();
   * Deno.chdir(Deno.makeTempDirSync());
   * const job = new Job({ fn: (text: string) => JSON.parse(text), argsList: ["1", "{"] });
   * const { succeeded, failed } = await job.run({ overrides: { quiet: true } });
   * Deno.chdir(cwd);
   * if (succeeded !== 1 || failed !== 1) throw new Error("wrong counts");
   * ```
   *
   * @param options changes to the job's options for this run.
   * @returns the run. Await it for the summary, or iterate over it for the results. The run rejects
   * with a `UsageError` when an option is invalid, the function cannot be found or the list cannot
   * be read.
   */
  run(options: RunOptions = {}): Run<Result> {
    const run = new Run<Result>(async (hooks) => {
      const checkFolder = sameFolderCheck();
      await checkRunOptions(options);
      // A listener on a signal of the caller, such as a timeout, keeps the process alive.
      using stop = copyOf(options.stop), signal = copyOf(options.signal);
      const onBegin = () => {
        checkFolder();
        options.onBegin?.();
      };
      const signals = { stop: stop?.signal, signal: signal?.signal };
      return await start(this, { ...options, ...signals, onBegin }, hooks);
    });
    recordStart(this, run);
    trackRun(run);
    showProgress(run);
    return run;
  }
}

function copyOf(signal: AbortSignal | undefined): SignalCopy | undefined {
  return signal && copySignal(signal);
}
