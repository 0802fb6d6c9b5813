/**
 * Samples the memory of all workers of a run.
 *
 * @module
 */

import { startLightTimer } from "../../util/time/light_timer.ts";
import type { ActiveWorker } from "./worker_slot.ts";

// A sample costs about a thousandth of a CPU, or less when there are few workers. A child that lives
// for a second is always seen.
const LEAST_MS = 200, MOST_MS = 900, SHARE = 200;

/** Samples workers until it is disposed of. */
export class UsageSampler implements Disposable {
  #stop: () => void;

  /** Starts to sample workers. */
  constructor(readonly workers: ReadonlySet<ActiveWorker>) {
    this.#stop = startLightTimer(() => this.#sample(), LEAST_MS);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #sample(): void {
    const began = performance.now();
    for (const worker of this.workers) worker.sample();
    const wait = (performance.now() - began) * SHARE;
    const ms = Math.min(Math.max(wait, LEAST_MS), MOST_MS);
    this.#stop = startLightTimer(() => this.#sample(), ms);
  }
}
