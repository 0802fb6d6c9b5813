/**
 * A variable in the environment of processes that identifies them.
 *
 * @module
 */

import { readIfThere } from "../../lib/util/files/fs.ts";
import { processIds } from "./system.ts";
import { until } from "./until.ts";

/** Finds the processes that were started with a variable in their environment. Needs Linux. */
export class Mark {
  /** The variable. Children inherit it. */
  readonly env: Readonly<Record<string, string>> = { TEST_MARK: crypto.randomUUID() };

  /** Lists the processes with the mark, except this one. */
  pids(): number[] {
    const has = (pid: number) => readIfThere(`/proc/${pid}/environ`).includes(this.env.TEST_MARK!);
    return processIds().filter((pid) => pid !== Deno.pid && has(pid));
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
}
