/**
 * A variable in the environment of processes that identifies them.
 *
 * @module
 */

import { until } from "./until.ts";

/** Finds the processes that were started with a variable in their environment. Needs Linux. */
export class Mark {
  /** The variable. Children inherit it. */
  readonly env: Readonly<Record<string, string>> = { TEST_MARK: crypto.randomUUID() };

  /** Lists the processes with the mark, except this one. */
  pids(): number[] {
    return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name))
      .filter((pid) => pid > 0 && pid !== Deno.pid && this.#has(pid));
  }

  /**
   * Waits until all processes with the mark have ended.
   *
   * @throws {Error} when some have not ended within `limit` milliseconds
   */
  async untilGone(limit?: number): Promise<void> {
    if (Deno.build.os === "linux") {
      await until(() => this.pids().length === 0, "all processes have ended", limit);
    }
  }

  #has(pid: number): boolean {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(this.env.TEST_MARK!);
    } catch {
      return false;
    }
  }
}
