/**
 * The first worker of a run, whose process starts while the job's folder is created.
 *
 * @module
 */

import type { LocalContext } from "../engine.ts";
import { OrphanReaper } from "./orphan_reaper.ts";
import { type WorkerLimits, WorkerProcess } from "./worker_process.ts";

/** A worker process that has loaded no user code yet, and the reaper that ends it. */
export class FirstWorker implements AsyncDisposable {
  /** Kills the workers of the run after this process has died. */
  readonly reaper: OrphanReaper = new OrphanReaper();
  #limits: WorkerLimits;
  #process: WorkerProcess | undefined;

  /**
   * Starts the process.
   *
   * @throws {UsageError} when no worker can start.
   * @throws {RefusedStart} when the system starts no more processes.
   */
  constructor(context: LocalContext) {
    const { timeout, memory } = this.#limits = context;
    this.#process = new WorkerProcess(context, { timeout, memory });
    this.reaper.add(this.#process.pid);
  }

  /** Returns the process to the first caller; undefined when it has other limits. */
  take({ timeout, memory }: WorkerLimits): WorkerProcess | undefined {
    const process = this.#process, limits = this.#limits;
    if (timeout !== limits.timeout || memory !== limits.memory) return undefined;
    this.#process = undefined;
    return process;
  }

  /** Ends the process if nothing has taken it, and the reaper. */
  async [Symbol.asyncDispose](): Promise<void> {
    const process = this.#process;
    if (process) {
      process.kill();
      await process.status;
      this.reaper.remove(process.pid);
      await process.drain(Promise.all([process.readStdout(DROP), process.readStderr(DROP)]));
    }
    await this.reaper[Symbol.asyncDispose]();
  }
}

const DROP = async () => {};
