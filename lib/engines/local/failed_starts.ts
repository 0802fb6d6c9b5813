/**
 * A limit on the workers that end before they are ready.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { shortenMissing } from "../../util/remote.ts";
import { isKill } from "./worker_death.ts";

/** The facts about a worker that ended before it was ready. */
export interface FailedStart {
  /** The exit status of the process. */
  readonly status: Deno.CommandStatus;
  /** The last 4096 characters of stderr. */
  readonly stderr: string;
  /** The watchdog's message; undefined unless the watchdog killed the worker. */
  readonly verdict?: string | undefined;
}

// A broken program fails at every start, but a start can also fail because the machine is
// overloaded.
const MAX_EXITS = 5;
// A kill does not prove that the program is broken, and a loaded machine may kill several workers.
const MAX_KILLS = 20;

/** Counts consecutive failed starts. Workers killed from outside have a separate, higher limit. */
export class FailedStarts {
  #exits = 0;
  #kills = 0;

  /** Resets the counts after a worker was ready. */
  reset(): void {
    this.#exits = this.#kills = 0;
  }

  /**
   * Counts a failed start.
   *
   * @throws {UsageError} when the limit of consecutive failures is reached, or when the worker
   * exited with an error code, because another start would fail too.
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

function exitError({ status, stderr, verdict }: FailedStart): UsageError {
  const said = stderr.split("\n\nStack backtrace:")[0]!.trim().replace(/^error: /, "");
  const why = verdict ?? (shortenMissing(said) || silentExit(status));
  return new UsageError(`Cannot start a worker: ${why}`);
}

function silentExit({ code, signal }: Deno.CommandStatus): string {
  const end = signal ?? `code ${code}`;
  return `it exits at once with ${end} and prints nothing; look for what ends the process where ` +
    "the function's module is loaded";
}

function killedError(signal: Deno.Signal | null): UsageError {
  return new UsageError(
    `Cannot start a worker: ${MAX_KILLS} in a row were killed by ${signal} before they were ready; ` +
      `find out what kills processes on this machine (it may be short of memory), ` +
      `then run dl_jobs resume`,
  );
}
