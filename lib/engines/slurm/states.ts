/**
 * Queries the states of all array tasks together.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { existsOr } from "../../util/files/fs.ts";
import { arraysOf, type ArrayTask } from "./array_task.ts";
import { accounts, arrayId, phaseOf, queue } from "./commands.ts";
import { pauseFile } from "./job_array.ts";
import { explain } from "./waiting.ts";

/** Queries Slurm for the states of array tasks. */
export class ArrayTaskStates {
  #states = "";
  /** The arrays that can never run for the reason of the last answer, each with this reason. */
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
    const arrays = arraysOf(all);
    const queued = await queue(arrays, { signal });
    if (signal?.aborted) return false;
    if (!queued) {
      this.#warn("Slurm does not answer and is asked again; its array tasks continue to run");
      return false;
    }
    // The queue drops array tasks some minutes after their end.
    const isKnown = all.every((part) => queued.has(idOf(part)));
    const states = isKnown ? queued : new Map([...await accounts(arrays, { signal }), ...queued]);
    const before = this.#states, waiting = new Map<string, WaitingTask>();
    for (const part of all) {
      const state = states.get(idOf(part));
      part.see(state, performance.now(), queued.has(idOf(part)));
      if (!state || phaseOf(state.state) !== "waiting") continue;
      const { reason } = state, key = `${part.array} ${reason}`;
      if (!waiting.has(key)) waiting.set(key, { part, reason });
    }
    this.#states = all.map((part) => states.get(idOf(part))?.state ?? "gone").join();
    this.#explain(waiting);
    return before !== this.#states;
  }

  #explain(waiting: ReadonlyMap<string, WaitingTask>): void {
    const inVain = new Set<string>();
    for (const [key, { part, reason }] of waiting) {
      const known = explain(reason, { isPaused: existsOr(pauseFile(part.dir), false) });
      if (!known || known.isUsual) continue;
      if (!known.isInVain) this.#warn(`Waiting for Slurm: ${known.text}`);
      else if (!this.#inVain.has(key)) inVain.add(key);
      else throw new UsageError(`Cannot run array task ${idOf(part)} on Slurm: ${known.text}`);
    }
    // Until Slurm has judged a new array, or while it changes a partition, it reports another reason.
    this.#inVain = inVain;
  }
}

/** The first array task of an array that waits for a reason. */
interface WaitingTask {
  readonly part: ArrayTask;
  readonly reason: string;
}

/** Returns Slurm's id of an array task; an empty string while the id of its array is unknown. */
function idOf({ array, index }: ArrayTask): string {
  return array ? `${arrayId(array)}_${index}` : "";
}
