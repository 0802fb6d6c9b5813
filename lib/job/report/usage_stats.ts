/**
 * The memory and the CPU time of a job's tasks, and the limits that would fit.
 *
 * @module
 */

import type { TaskUsage } from "../../journal/task_update.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { sizeText } from "../../util/text/size_text.ts";

/** The memory and the CPU time of tasks that took longer than 100 ms. */
export interface UsageSummary {
  /** The number of tasks that were measured. */
  readonly tasks: number;
  /** The memory that 95 % of the tasks did not exceed, in bytes. It is approximate. */
  readonly p95: number;
  /** The largest memory, in bytes. */
  readonly most: number;
  /** The task with the largest memory. */
  readonly task: number;
  /** The sum of the CPU time, in milliseconds. @default {unknown} */
  readonly cpu?: number | undefined;
  /** True when workers ran several tasks at the same time, so the memory is that of a worker. */
  readonly shared?: boolean | undefined;
}

// The buckets cover 1 MB to about 1 TB, with 16 buckets per doubling.
const LEAST = 1e6, STEPS = 16, BUCKETS = 20 * STEPS;

/** Collects the usage of tasks in bounded memory. */
export class UsageStats {
  #buckets = new Float64Array(BUCKETS);
  #tasks = 0;
  #most = 0;
  #task = -1;
  #cpu = 0;
  #shared = false;

  /** Adds an attempt. */
  add({ id, memory, cpu = 0, shared = false }: TaskUsage): void {
    const step = memory < LEAST ? 0 : Math.ceil(Math.log2(memory / LEAST) * STEPS);
    this.#buckets[Math.min(step, BUCKETS - 1)]!++;
    this.#tasks++;
    this.#cpu += cpu;
    this.#shared ||= shared;
    if (memory <= this.#most) return;
    this.#most = memory;
    this.#task = id;
  }

  /** The usage of the tasks; `undefined` when none was measured. */
  get summary(): UsageSummary | undefined {
    if (this.#tasks === 0) return undefined;
    let rest = this.#tasks * 0.95;
    const step = this.#buckets.findIndex((count) => (rest -= count) <= 0);
    const p95 = Math.min(this.#most, Math.round(LEAST * 2 ** (step / STEPS)));
    const facts = { tasks: this.#tasks, p95, most: this.#most, task: this.#task };
    return this.#shared ? { ...facts, shared: true } : { ...facts, cpu: this.#cpu };
  }
}

/** The memory and the CPUs of a machine. */
export interface MachineSize {
  /** The memory that is not in use, in bytes. */
  readonly memory: number;
  /** The number of CPUs. */
  readonly cpus: number;
}

/** Returns the size of this machine; `undefined` for an engine with other or no workers. */
export function machineSize(engine: string): MachineSize | undefined {
  if (engine !== "local") return undefined;
  return { memory: Deno.systemMemoryInfo().available, cpus: navigator.hardwareConcurrency };
}

/** Formats the usage of tasks: `95% under 410 MB, the most 460 MB (task 7), CPU 3 min 20 s`. */
export function usageText({ p95, most, task, cpu, shared }: UsageSummary): string {
  const of = shared ? "workers of " : "";
  const time = cpu === undefined ? "" : `, CPU ${formatDuration(cpu)}`;
  return `${of}95% of tasks under ${sizeText(p95)}, the most ` +
    `${sizeText(most)} (task ${task})${time}`;
}

// Limits have some room, because later tasks may need more than those before.
const ROOM = 1.25;
// A worker without a task takes about 100 MB, so a limit says something above that only.
const LEAST_ADVICE = 200e6;

/**
 * Suggests limits for a list like this one.
 *
 * @param machine the machine that runs the tasks; `undefined` for several or unknown ones
 * @returns the flags, such as `--memory 600MB --workers 6`; `undefined` for small tasks
 */
export function suggestedLimits(
  { most }: Pick<UsageSummary, "most">,
  machine: MachineSize | undefined,
): string | undefined {
  if (most < LEAST_ADVICE) return undefined;
  const limit = roundUp(most * ROOM), flag = memoryFlag(limit);
  if (machine === undefined) return flag;
  const { memory, cpus } = machine;
  return `${flag} --workers ${Math.max(1, Math.min(cpus, Math.floor(memory / limit)))}`;
}

/** Returns the flag that sets a limit in bytes: `--memory 600MB`. */
export function memoryFlag(limit: number): string {
  const text = limit >= 10e9 ? `${Math.ceil(limit / 1e9)}GB` : `${Math.ceil(limit / 1e6)}MB`;
  return `--memory ${text}`;
}

function roundUp(bytes: number): number {
  const unit = 10 ** Math.floor(Math.log10(bytes)) / 2;
  return Math.ceil(bytes / unit) * unit;
}
