/**
 * The number of tasks that fit on a machine by its CPUs.
 *
 * @module
 */

/**
 * Returns the number of tasks that run at a time on a machine, at least 1.
 *
 * @param perTask the CPUs that a task needs; with 0, one task runs on each CPU
 *
 * @example
 * ```ts
 * import { tasksOnCpus } from "./tasks_on_cpus.ts";
 *
 * if (tasksOnCpus(16, 4) !== 4) throw new Error("wrong number of tasks");
 * ```
 */
export function tasksOnCpus(cpus: number, perTask: number): number {
  return Math.max(1, Math.floor(cpus / (perTask || 1)));
}
