/**
 * The tasks that run in one worker, with the times of their starts.
 *
 * @module
 */

import type { ActiveTask } from "../../job_dir/running_tasks.ts";
import type { InFlight } from "./in_flight.ts";

/** Notes when the tasks of a worker begin, as far as responses and samples tell. */
export class RunningTaskTimes {
  #last: number;
  #seen = new Map<number, number>();

  /**
   * Creates the times of a worker that has not received a task.
   *
   * @param concurrency the number of tasks that run at the same time
   * @param now a clock in milliseconds since 1970
   */
  constructor(readonly concurrency: number, readonly now: () => number = Date.now) {
    this.#last = now();
  }

  /**
   * Notes that the next task in flight begins now: after responses, or after a time without tasks.
   *
   * @returns the time since the last call
   */
  next(): number {
    const before = this.#last;
    this.#last = this.now();
    return this.#last - before;
  }

  /** Notes which tasks run, if {@linkcode next} does not tell: their starts are as exact as samples. */
  sample(inFlight: InFlight): void {
    const now = this.now(), seen = this.#seen;
    this.#seen = new Map(
      inFlight.running(this.concurrency).map((id) => [id, seen.get(id) ?? now]),
    );
  }

  /**
   * Returns the running tasks.
   *
   * @param most the number of tasks of which the first in flight may be one. @default {1}
   */
  of(inFlight: InFlight, most = 1): ActiveTask[] {
    return inFlight.running(this.concurrency).map((id) => {
      const { attempt = 1 } = inFlight.task(id) ?? {};
      const since = this.#seen.get(id) ?? this.#last;
      return { id, attempt, since, among: most > 1 ? most : undefined };
    });
  }
}
