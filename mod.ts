/**
 * Runs one function over a long list of arguments: on this machine during development, and on a
 * cluster for lists that are too long for one machine. Every result is kept on disk.
 *
 * A {@linkcode Job} consists of a function, a list of arguments and options. {@linkcode Job.run}
 * starts the job and returns a {@linkcode Run}. Await the run for its {@linkcode Summary}, or
 * iterate over it for the results. The job is recorded in a folder below `.dl_jobs`, where
 * {@linkcode resume}, {@linkcode retry} and {@linkcode results} find it in later sessions.
 *
 * @example Run a function over a list
 * ```ts
 * import { Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const job = new Job({ fn: (x: number) => x * x, argsList: [1, 2, 3], ordered: true, quiet: true });
 * const squares: number[] = await Array.fromAsync(job.run());
 * Deno.chdir(cwd);
 * if (squares.join() !== "1,4,9") throw new Error(squares.join());
 * ```
 *
 * @example Use the shorter functions in a script or a session
 * ```ts
 * import { job, local, results } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const run = local(job((x: number) => x * x, { argsList: 4, ordered: true, quiet: true }));
 * const squares = await results(run);
 * Deno.chdir(cwd);
 * if (squares.join() !== "0,1,4,9") throw new Error(squares.join());
 * ```
 *
 * @module
 */

// Jobs and their runs.
export { Job, Job as DLJob } from "./lib/api/job.ts";
export { Run } from "./lib/api/run.ts";
export { run } from "./lib/api/run_method.ts";
export { job, local, submit } from "./lib/api/shorthand.ts";
export type {
  ContextFunction,
  JobDetails,
  JobOptions,
  ReduceFunction,
  RunHooks,
  RunOptions,
  SetupFunction,
  TaskFunction,
} from "./lib/job/options/options.ts";
export type { CanaryOptions, CanaryPlan } from "./lib/job/canary/canary.ts";
export type { CodeChoice } from "./lib/job/program/code_choice.ts";
export type { RunMethodOptions } from "./lib/job/function/run_method.ts";
export type { RunProgress } from "./lib/job/report/run_progress.ts";
export type { CutSummary, Summary } from "./lib/job/report/summary.ts";
export type { CommonError, TaskTimes } from "./lib/job/report/task_stats.ts";
export type { UsageSummary } from "./lib/job/report/usage_stats.ts";
export type { ResultSink } from "./lib/job_dir/result_writer.ts";
export type { CheckOptions, JsonSchema } from "./lib/job/options/check_options.ts";
export type { OnInvalid, SkippedElements } from "./lib/tasks/checked_list.ts";
export type { Cuts } from "./lib/tasks/cuts/cuts.ts";
export type { ArgsList } from "./lib/tasks/source.ts";
export { files, glob, type ListFiles } from "./lib/tasks/list_files.ts";
export { type Combination, grid, type ParameterInput, zip } from "./lib/tasks/parameters/grid.ts";
export type { CrossedFiles, ParameterList } from "./lib/tasks/parameters/parameter_list.ts";
export type { Format, InputOptions } from "./lib/formats/format.ts";
export type { OutputOptions } from "./lib/formats/output.ts";
export type { Counts } from "./lib/terminal/progress_line.ts";
export { type ErrorCode, UsageError } from "./lib/util/errors.ts";
export { checkRate, RateLimited } from "./lib/worker/rate_limited.ts";

// Jobs that were started in this or another process.
export { Handle } from "./lib/api/handle.ts";
export type { JobLike } from "./lib/api/job_like.ts";
export {
  cancel,
  config,
  jobs,
  logs,
  resume,
  retry,
  type RunAgainOptions,
  status,
} from "./lib/api/history.ts";
export type { MoveOptions } from "./lib/job/resume/move.ts";
export { Logs } from "./lib/api/logs.ts";
export { Results, results } from "./lib/api/results.ts";
export type {
  CommandRef,
  EngineRecord,
  EnvSource,
  FunctionRef,
  JobCounts,
  JobRecord,
  ListCheck,
  ListedFile,
  ListedParameter,
  ListSource,
  MethodCall,
  ProgramRecord,
  SetupTimes,
  Shipment,
} from "./lib/job_dir/record.ts";
export type { FileStamp, JobStamps } from "./lib/job_dir/stamps.ts";
export type { ReduceRecord } from "./lib/job_dir/reduce_state.ts";
export type { JobState } from "./lib/job_dir/state.ts";
export type { FailureClass, LogLine, TaskError } from "./lib/journal/format.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./lib/worker/check.ts";
export type { SetupContext, TaskCheckpoint, TaskContext } from "./lib/worker/context.ts";
export type { ValueChange, ValueNote } from "./lib/values/policy.ts";

// Options.
export type { Config, ConfigInput } from "./lib/config/config.ts";
export type {
  BooleanInput,
  DurationInput,
  EnvInput,
  ListInput,
  MapInput,
  NumberInput,
  SizeInput,
} from "./lib/config/input_types.ts";

// Tools for scripts.
export * as ndjson from "./lib/ndjson/mod.ts";
export { $ } from "./lib/api/shell.ts";
export type { Zx } from "./lib/deps.ts";

// Counterparts of the Python package's helpers.
export {
  type AnyMethod,
  asJson,
  attempt,
  type AttemptFailure,
  expandArgs,
  type ResultOr,
} from "./lib/compat/decorators.ts";
export {
  boolStr,
  copyUpdate,
  isStr,
  type Merged,
  type Truth,
  truthy,
  updateList,
} from "./lib/compat/helpers.ts";
export { Timer } from "./lib/compat/timer.ts";
