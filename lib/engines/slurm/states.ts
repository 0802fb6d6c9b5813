/**
 * Queries the states of all array tasks together.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/files/fs.ts";
import type { ArrayTask } from "./array_task.ts";
import { accounts, arrayId, explain, phaseOf, queue, type SlurmState } from "./commands.ts";
import { pauseFile } from "./job_array.ts";

/** Queries Slurm for the states of array tasks. */
export class ArrayTaskStates {
  #states = "";
  /** The reasons of the last answer for which an array task can never run. */
  #inVain = new Set<string>();
  #warn: (text: string) => void;

  /**
   * Creates a query for the array tasks of one job.
   *
   * @param warn receives messages for the user
   */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /**
   * Stores Slurm's report in each array task.
   *
   * @param signal ends the query when aborted
   * @returns true when a state has changed.
   * @throws {UsageError} when an array task can never run.
   */
  async update(parts: Iterable<ArrayTask>, signal?: AbortSignal): Promise<boolean> {
    const all = [...parts];
    const arrays = [...new Set(all.map(({ array }) => array))].filter((id) => id !== undefined);
    const queued = await queue(arrays, { signal });
    if (signal?.aborted) return false;
    if (!queued) {
      this.#warn("Slurm does not answer and is asked again; its array tasks continue to run");
      return false;
    }
    // The queue drops array tasks some minutes after their end.
    const isKnown = all.every((part) => queued.has(idOf(part)));
    const states = isKnown ? queued : new Map([...await accounts(arrays, { signal }), ...queued]);
    const before = this.#states, inVain = new Set<string>();
    this.#states = all.map((part) => this.#see(part, states.get(idOf(part)), inVain)).join();
    this.#inVain = inVain;
    return before !== this.#states;
  }

  #see(part: ArrayTask, state: SlurmState | undefined, inVain: Set<string>): string {
    part.see(state, performance.now());
    if (state && phaseOf(state.state) === "waiting") this.#explain(part, state.reason, inVain);
    return state?.state ?? "gone";
  }

  #explain(part: ArrayTask, reason: string, inVain: Set<string>): void {
    const waiting = explain(reason, { isPaused: exists(pauseFile(part.dir)) });
    if (!waiting || waiting.isUsual) return;
    if (!waiting.isInVain) return this.#warn(`Waiting for Slurm: ${waiting.text}`);
    // Until Slurm has judged a new array, or while it changes a partition, it reports another reason.
    inVain.add(reason);
    if (!this.#inVain.has(reason)) return;
    throw new UsageError(`Cannot run array task ${idOf(part)} on Slurm: ${waiting.text}`);
  }
}

/** Returns Slurm's id of an array task; an empty string while the id of its array is unknown. */
function idOf({ array, index }: ArrayTask): string {
  return array ? `${arrayId(array)}_${index}` : "";
}
