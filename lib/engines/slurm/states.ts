/**
 * The states of array tasks, asked in one request for all of them.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import type { ArrayTask } from "./array_task.ts";
import { accounts, arrayId, explain, phaseOf, queue, type SlurmState } from "./commands.ts";

/** Asks Slurm for the states of array tasks. */
export class ArrayTaskStates {
  #states = "";
  #warn: (text: string) => void;

  /**
   * Creates the states of one job.
   *
   * @param warn accepts what a user should know
   */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /**
   * Records Slurm's report in each array task.
   *
   * @returns true when a state has changed.
   * @throws {UsageError} when an array task can never run.
   */
  async update(parts: Iterable<ArrayTask>): Promise<boolean> {
    const all = [...parts];
    const arrays = [...new Set(all.map(({ array }) => array))].filter((id) => id !== undefined);
    const queued = await queue(arrays);
    if (!queued) {
      this.#warn("Slurm does not answer and is asked again: the array tasks run without it");
      return false;
    }
    // The queue forgets array tasks some minutes after their end.
    const isKnown = all.every((part) => queued.has(idOf(part)));
    const states = isKnown ? queued : new Map([...await accounts(arrays), ...queued]);
    const before = this.#states;
    this.#states = all.map((part) => this.#see(part, states.get(idOf(part)))).join();
    return before !== this.#states;
  }

  #see(part: ArrayTask, state: SlurmState | undefined): string {
    part.see(state, performance.now());
    if (state && phaseOf(state.state) === "waiting") this.#explain(part, state.reason);
    return state?.state ?? "gone";
  }

  #explain(part: ArrayTask, reason: string): void {
    const waiting = explain(reason);
    if (!waiting || waiting.isUsual) return;
    if (!waiting.isInVain) return this.#warn(`Waiting for Slurm: ${waiting.text}`);
    throw new UsageError(`Cannot run array task ${idOf(part)} on Slurm: ${waiting.text}`);
  }
}

/** Slurm's id of an array task; empty as long as the id of its array is unknown. */
function idOf({ array, index }: ArrayTask): string {
  return array ? `${arrayId(array)}_${index}` : "";
}
