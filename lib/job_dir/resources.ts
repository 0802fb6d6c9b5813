/**
 * The file `resources.ndjson` in a job's folder: the memory and the CPU use of the workers over time.
 * The controller appends a line a second at first, and less often in a long job.
 *
 * @module
 */

import { PRIVATE_FILE } from "../util/files/fs.ts";
import { tryJson } from "../util/try_json.ts";
import { jobFiles } from "./layout.ts";
import type { ActiveProcess } from "./running_tasks.ts";

/** The memory and the CPU use of all workers since the sample before. */
export interface ResourceSample {
  /** The time, in milliseconds since 1970. */
  readonly at: number;
  /** The largest memory that the workers had together, in bytes. */
  readonly memory: number;
  /** The mean number of CPUs that the workers used together. */
  readonly cpus: number;
}

// A job of a day has about 3,000 lines.
const LEAST_MS = 1000, GROWTH = 1 / 300;

/** Samples the workers of a run, and appends lines to the file. */
export class ResourceLog {
  #path: string;
  #began: number | undefined;
  #last = 0;
  #memory = 0;
  #cpuMs = 0;
  /**
   * The process of each worker and its CPU time at the last look. A worker has one process at a
   * time, so a job with a process a task keeps as many as it has workers.
   */
  #times = new Map<string, Pick<ActiveProcess, "pid" | "cpu">>();

  /**
   * Creates the log of a run.
   *
   * @param folder the folder of the job
   */
  constructor(folder: string) {
    this.#path = jobFiles(folder).resources;
  }

  /** Looks at the workers that run tasks. */
  add(at: number, workers: readonly ActiveProcess[]): void {
    const known = workers.filter(({ memory }) => memory !== undefined);
    if (known.length === 0) return;
    this.#began ??= this.#last = at - LEAST_MS;
    this.#memory = Math.max(this.#memory, known.reduce((sum, { memory = 0 }) => sum + memory, 0));
    this.#cpuMs += known.reduce((sum, one) => sum + this.#growth(one), 0);
    if (at - this.#last >= Math.max(LEAST_MS, (at - this.#began) * GROWTH)) this.#write(at);
  }

  /** Returns the CPU time that a worker has used since the last look, in milliseconds. */
  #growth({ worker, pid, cpu = 0 }: ActiveProcess): number {
    const before = this.#times.get(worker);
    this.#times.set(worker, { pid, cpu });
    return before?.pid === pid ? Math.max(0, cpu - (before?.cpu ?? 0)) : cpu;
  }

  #write(at: number): void {
    const cpus = Number((this.#cpuMs / (at - this.#last)).toFixed(2));
    const line = JSON.stringify({ at, memory: this.#memory, cpus } satisfies ResourceSample);
    try {
      Deno.writeTextFileSync(this.#path, `${line}\n`, { append: true, mode: PRIVATE_FILE });
    } catch {
      // The file only informs: the next write to the journal tells what is wrong with the disk.
    }
    this.#last = at;
    this.#memory = this.#cpuMs = 0;
  }
}

/** Parses a line of the file; `[]` for any other text. */
export function parseResources(line: string): ResourceSample[] {
  const { at, memory, cpus } = Object(tryJson(line));
  return [at, memory, cpus].every((value) => Number.isFinite(value)) ? [{ at, memory, cpus }] : [];
}
