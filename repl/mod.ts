/**
 * The helpers of a session: in the REPL they are there without an import, a script takes them from
 * `mod.ts`.
 *
 * @module
 */

export { $ } from "./shell.ts";
export { cancel, config, jobs, logs, resume, retry, status } from "./past.ts";
export { Handle, type JobLike } from "./handle.ts";
export { job, local, submit } from "./job.ts";
export { Results, results } from "./results.ts";
export type { Logs } from "./logs.ts";
