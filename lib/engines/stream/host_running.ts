/**
 * The running tasks of a host, with the memory of its workers, as the host reports them.
 *
 * @module
 */

import type { ActiveProcess, RunningTasks } from "../../job_dir/running_tasks.ts";
import type { InFlight } from "../shared/in_flight.ts";

// A host reports once a second while a task runs that takes longer.
const VALID_MS = 5000;

/** Keeps the last report of one host. */
export class HostRunning {
  #last: RunningTasks | undefined;
  #heard = -Infinity;

  /**
   * Creates the state of a host that has reported nothing.
   *
   * @param now a clock in milliseconds since 1970
   */
  constructor(readonly now: () => number = Date.now) {}

  /** Takes a report; `null` when no task takes long. */
  take(report: unknown): void {
    this.#last = isReport(report) ? report : undefined;
    this.#heard = this.now();
  }

  /**
   * Returns the workers of the host that run tasks.
   *
   * @param host the name of the host
   * @param inFlight the tasks on the host without a response; others have ended since the report
   * @returns `undefined` when the host has not reported lately
   */
  workers(host: string, inFlight: InFlight): ActiveProcess[] | undefined {
    if (!this.#last || this.now() - this.#heard > VALID_MS) return undefined;
    const { at, workers } = this.#last, shift = this.#heard - at;
    return workers.map(({ worker, memory, cpu, tasks }) => ({
      worker: `${host}.${worker}`,
      memory,
      cpu,
      // The clocks of two machines differ.
      tasks: tasks.filter(({ id }) => inFlight.task(id))
        .map((task) => ({ ...task, since: task.since + shift })),
    })).filter(({ tasks }) => tasks.length > 0);
  }
}

function isReport(value: unknown): value is RunningTasks {
  const { at, workers } = Object(value);
  return Number.isFinite(at) && Array.isArray(workers) &&
    workers.every(({ tasks }) => Array.isArray(tasks));
}
