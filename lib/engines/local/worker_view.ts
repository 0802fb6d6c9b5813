/**
 * The visible state of one worker: its running tasks, its memory and CPU time, and its last output.
 *
 * @module
 */

import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import type { EventBatch } from "../../journal/format.ts";
import type { InFlight } from "../shared/in_flight.ts";
import { RunningTaskTimes } from "../shared/running_task_times.ts";
import { explainTask, LastSigns } from "./hang.ts";
import { UsageTracker } from "./usage_tracker.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** Watches one worker. */
export class WorkerView {
  #times: RunningTaskTimes;
  #usage: UsageTracker;
  #signs = new LastSigns();

  /**
   * Creates the view of a worker that has just been started.
   *
   * @param concurrency the number of tasks that run at the same time
   */
  constructor(
    readonly name: string,
    readonly process: WorkerProcess,
    readonly inFlight: InFlight,
    readonly concurrency: number,
  ) {
    this.#times = new RunningTaskTimes(concurrency);
    this.#usage = new UsageTracker(process.tree, concurrency > 1);
  }

  /** Notes that the function has been loaded, and the first task begins. */
  begin(): void {
    this.#times.next();
    this.#usage.begin();
  }

  /** Notes that a task begins after a time without tasks. */
  resume(): void {
    this.#times.next();
  }

  /** Notes responses. Returns the batches, with the usage of tasks that took long. */
  respond(batches: readonly EventBatch[]): readonly EventBatch[] {
    return this.#usage.end(batches, this.#times.next());
  }

  /** Notes the output and the progress in batches. */
  hear(batches: readonly EventBatch[]): void {
    for (const batch of batches) if (batch.logs.length > 0 || batch.updates) this.#signs.add(batch);
  }

  /** Reads the memory and the CPU time while tasks run. */
  sample(): void {
    if (this.inFlight.count === 0) return;
    if (this.concurrency > 1) this.#times.sample(this.inFlight);
    this.#usage.sample();
    this.#signs.sample(this.#usage.last);
  }

  /**
   * Returns the worker and its running tasks.
   *
   * @param most the number of tasks of which the first in flight may be one
   */
  active(most: number): ActiveProcess {
    const { name, process: { pid } } = this, { memory, cpu } = this.#usage.last ?? {};
    const tasks = this.#times.of(this.inFlight, most);
    const [{ id, since } = { id: -1, since: 0 }] = tasks;
    const explain = () => explainTask(this.process, this.#signs, id, since);
    return { worker: name, pid, memory, cpu, tasks, explain };
  }

  /**
   * Describes what a task does.
   *
   * @param ms the run time of the task, in milliseconds
   */
  async explain(id: number, ms: number): Promise<string> {
    return await explainTask(this.process, this.#signs, id, Date.now() - ms);
  }
}
