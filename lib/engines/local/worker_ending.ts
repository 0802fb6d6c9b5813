/**
 * The end of a worker and of its calls: where calls can react, they are asked before the worker is
 * killed.
 *
 * @module
 */

import type { Task } from "../../tasks/batch.ts";
import { startLightTimer } from "../../util/time/light_timer.ts";
import type { WorkerChannel } from "./worker_channel.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** Ends one worker process. */
export class WorkerEnding implements Disposable {
  /** The time in which calls can react to a cancellation; 0 when they cannot. */
  grace = 0;
  /** True when the process was killed because it still ran after its time. */
  isLate = false;
  #stopTimer = () => {};

  /** Creates the ending of a process that has just started. */
  constructor(readonly process: WorkerProcess) {}

  /** Ends the process at once, or after the time in which its calls can react. */
  end(): void {
    if (this.grace === 0) return this.process.kill();
    this.#ask((channel) => channel.quit());
    this.killAfter(this.grace);
  }

  /** Kills the process if it still runs after a time in milliseconds. */
  killAfter(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = startLightTimer(() => {
      this.isLate = true;
      this.process.kill();
    }, ms);
  }

  /** Asks the call of a task to end. Returns the time that the call has. */
  cancel(task: Task | undefined): number {
    if (task && this.grace > 0) this.#ask((channel) => channel.cancel(task));
    return this.grace;
  }

  /** Kills no process any more, because it has ended. */
  [Symbol.dispose](): void {
    this.#stopTimer();
  }

  #ask(send: (channel: WorkerChannel) => Promise<void>): void {
    // Writing to a dead worker fails, which needs no answer.
    this.process.channel.then((channel) => channel && send(channel))
      .then(() => this.process.interrupt()).catch(() => {});
  }
}
