/**
 * A limit on the workers that end before they are ready.
 *
 * @module
 */

import { ImportError, importPlace } from "../../bundle/import_place.ts";
import { UsageError } from "../../util/errors.ts";
import type { ProcessStatus } from "../../util/process/process_status.ts";
import { shortenMissing } from "../../util/remote.ts";
import { StartError } from "../shared/start_error.ts";
import { isKill } from "./worker_death.ts";

/** The facts about a worker that ended before it was ready. */
export interface FailedStart {
  /** The exit status of the process. */
  readonly status: ProcessStatus;
  /** The last 4096 characters of stderr. */
  readonly stderr: string;
  /** The watchdog's message; undefined unless the watchdog killed the worker. */
  readonly verdict?: string | undefined;
}

/** A failed start, with the place of an import that cannot be loaded. */
interface PlacedStart extends FailedStart {
  /** The place in the user's file, such as `tiles.ts:2:18`. @default {no such import} */
  readonly place?: string | undefined;
}

/** Finds the import that failed, if any, in the user's code. */
export async function withPlace(start: FailedStart): Promise<PlacedStart> {
  if (start.verdict !== undefined || start.status.code === 0) return start;
  const found = await importPlace(saidIn(start));
  return found ? { ...start, stderr: found.message, place: found.place } : start;
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
   * @throws {StartError} when the limit of consecutive kills is reached.
   */
  add(start: PlacedStart): void {
    const { status, verdict } = start;
    if (verdict === undefined && isKill(status.signal)) {
      if (++this.#kills >= MAX_KILLS) throw killedError(status.signal);
      return;
    }
    const isSure = status.signal === null && status.code !== 0;
    if (isSure || ++this.#exits >= MAX_EXITS) throw exitError(start);
  }
}

function exitError(start: PlacedStart): UsageError {
  const { status, verdict, place } = start;
  const why = verdict ?? (shortenMissing(saidIn(start)) || silentExit(status));
  return place ? new ImportError(place, why) : new UsageError(`Cannot start a worker: ${why}`);
}

function saidIn({ stderr }: FailedStart): string {
  return stderr.split("\n\nStack backtrace:")[0]!.trim().replace(/^error: /, "");
}

function silentExit({ code, signal }: ProcessStatus): string {
  const end = signal ?? `code ${code}`;
  return `it exits at once with ${end} and prints nothing; look for what ends the process where ` +
    "the function's module is loaded";
}

function killedError(signal: ProcessStatus["signal"]): StartError {
  return new StartError(
    `Cannot start a worker: ${MAX_KILLS} in a row were killed by ${signal} before they were ready; ` +
      "find out what kills processes on this machine (it may be short of memory)",
  );
}
