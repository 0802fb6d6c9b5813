/**
 * The programs that run beside the engine `inline`.
 *
 * @module
 */

import { ProcessTree } from "../../util/process/process_tree.ts";
import type { ProgramHost } from "../../worker/invoke.ts";
import { OrphanReaper } from "./orphan_reaper.ts";

/**
 * Programs that lead sessions of their own, so that Ctrl-C at the terminal reaches only this
 * process. They end with it, even when it is killed.
 */
export class OwnPrograms implements ProgramHost, AsyncDisposable {
  readonly isWorker = false;
  #reaper = new OrphanReaper();
  #running = new Map<number, ProcessTree>();

  /** @param maxResult the largest result of a task as JSON, in bytes. @default {no limit} */
  constructor(readonly maxResult?: number) {}

  began(pid: number): void {
    this.#reaper.add(pid);
    this.#running.set(pid, new ProcessTree(pid));
  }

  ended(pid: number): void {
    this.#running.delete(pid);
    this.#reaper.remove(pid);
  }

  /** Kills the programs that run, and their descendants. */
  kill(): void {
    for (const tree of this.#running.values()) tree.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reaper[Symbol.asyncDispose]();
  }
}
