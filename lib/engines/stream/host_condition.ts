/**
 * The state of one host as users see it, and the messages about it.
 *
 * @module
 */

import { warnOnce } from "../shared/warn_once.ts";
import { HostRunning } from "./host_running.ts";
import type { HostPool, HostState } from "./host_pool.ts";

/** The state of a host, the reason, and the time since when it is away. */
export class HostCondition {
  /** The present state. */
  phase: HostState = "new";
  /** The reason why the host is away or out. */
  reason = "";
  /** The running tasks that the host reports. */
  readonly running: HostRunning = new HostRunning();
  /** Shows a text to the user, once. */
  readonly warn: (text: string) => void;
  #awaySince: number | undefined;

  /** Creates the state of a host that was not reached yet. */
  constructor(readonly name: string, readonly pool: Pick<HostPool, "warn" | "signal">) {
    this.warn = warnOnce(pool.warn);
  }

  /** The time since the connection was lost, or was tried first, and no packet came, in milliseconds. */
  get awayMs(): number {
    return performance.now() - (this.#awaySince ?? performance.now());
  }

  /** Notes that the host is connected. */
  setThere(): void {
    this.phase = "there";
  }

  /** Notes a packet of a connected host. One whose connections end at once is still away. */
  setHeard(): void {
    this.#awaySince = undefined;
  }

  /** Notes that there is no connection. */
  setAway(reason: string): void {
    this.reason = reason;
    if (this.phase === "there" && !this.pool.signal.aborted) {
      this.warn(`host ${this.name} is away: ${reason}`);
    }
    this.phase = "away";
    this.#awaySince ??= performance.now();
  }

  /** Notes that another machine takes the place of the one that is gone. */
  setNew(): void {
    this.phase = "new";
    this.#awaySince = undefined;
  }
}
