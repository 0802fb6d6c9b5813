/**
 * Run one function over a long list of arguments: here while you write it, on a cluster when you
 * outgrow this machine, and get every result.
 *
 * @module
 */

export { asJson, attempt, expandArgs } from "./lib/compat/decorators.ts";
export { UsageError } from "./lib/util/errors.ts";
export { boolStr, copyUpdate, isStr, truthy, updateList } from "./lib/compat/helpers.ts";
export { Job, Job as DLJob, Run } from "./lib/api/job.ts";
export type { ConfigInput, JobOptions, RunHooks, RunOptions } from "./lib/job/options.ts";
export { run } from "./lib/api/run_method.ts";
export type { RunMethodOptions } from "./lib/job/run_method.ts";
export type { Config } from "./lib/config/options.ts";
export type { ResultSink } from "./lib/job_dir/result_writer.ts";
export type { ListSource } from "./lib/job_dir/record.ts";
export type { ArgsList } from "./lib/tasks/source.ts";
export * as ndjson from "./lib/ndjson/mod.ts";
export type { Summary } from "./lib/job/summary.ts";
export { Timer } from "./lib/compat/timer.ts";
export { Handle, type JobLike } from "./lib/api/handle.ts";
export { job, local, submit } from "./lib/api/shorthand.ts";
export { cancel, config, jobs, logs, resume, retry, status } from "./lib/api/history.ts";
export { Results, results } from "./lib/api/results.ts";
export { $ } from "./lib/api/shell.ts";
