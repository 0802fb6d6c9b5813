/**
 * Run one function over a long list of arguments: here while you write it, on a cluster when you
 * outgrow this machine, and get every result.
 *
 * @module
 */

export { asJson, attempt, expandArgs } from "./lib/decorators.ts";
export { UsageError } from "./lib/errors.ts";
export { boolStr, copyUpdate, isStr, truthy, updateList } from "./lib/helpers.ts";
export { Job, Job as DLJob, Run } from "./lib/job.ts";
export type { ConfigInput, JobOptions, RunHooks, RunOptions } from "./lib/plan.ts";
export { run } from "./lib/run_method.ts";
export type { RunMethodOptions } from "./lib/run_method.ts";
export type { Config } from "./lib/config.ts";
export type { ResultSink } from "./lib/results.ts";
export type { ListSource } from "./lib/store.ts";
export type { ArgsList } from "./lib/task.ts";
export * as ndjson from "./lib/ndjson.ts";
export type { Summary } from "./lib/run.ts";
export { Timer } from "./lib/timer.ts";
export { Handle, type JobLike } from "./repl/handle.ts";
export { job, local, submit } from "./repl/job.ts";
export { cancel, config, jobs, logs, resume, retry, status } from "./repl/past.ts";
export { Results, results } from "./repl/results.ts";
export { $ } from "./repl/shell.ts";
