/**
 * Workers that ended before they were ready, counted up to a limit.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { shortenMissing } from "../../util/remote.ts";
import { isKill } from "./worker_death.ts";

/** The end of a worker that was not ready. */
export interface FailedStart {
  /** The exit status of the process. */
  readonly status: Deno.CommandStatus;
  /** The last text of its stderr. */
  readonly stderr: string;
  /** The watchdog's message, if it ended the worker. */
  readonly verdict?: string | undefined;
}

// A program that does not start fails each time, but the machine may be at its limit for a moment.
const MAX_EXITS = 5;
// A kill says nothing about the program, and a loaded machine may kill several workers in a row.
const MAX_KILLS = 20;

/** Counts failed starts in a row, those of workers that were killed from outside on their own. */
export class FailedStarts {
  #exits = 0;
  #kills = 0;

  /** Starts again from zero: a worker was ready. */
  reset(): void {
    this.#exits = this.#kills = 0;
  }

  /**
   * Counts a failed start.
   *
   * @throws {UsageError} when there were too many in a row, or when a further one cannot succeed.
   */
  add(start: FailedStart): void {
    const { status, verdict } = start;
    if (verdict === undefined && isKill(status.signal)) {
      if (++this.#kills >= MAX_KILLS) throw killedError(status.signal);
      return;
    }
    const isSure = status.signal === null && status.code !== 0;
    if (isSure || ++this.#exits >= MAX_EXITS) throw exitError(start);
  }
}

function exitError({ stderr, verdict }: FailedStart): UsageError {
  const said = stderr.split("\n\nStack backtrace:")[0]!.trim().replace(/^error: /, "");
  const why = verdict ?? (shortenMissing(said) || "it ends at once and prints nothing");
  return new UsageError(`Cannot start a worker: ${why}`);
}

function killedError(signal: Deno.Signal | null): UsageError {
  return new UsageError(
    `Cannot start a worker: ${MAX_KILLS} in a row were ended by ${signal} before they were ready, ` +
      `find out what ends processes on this machine (it may be short of memory), ` +
      `then run dl_jobs resume`,
  );
}
