/**
 * The slots whose workers the system refuses to start. They wait while other workers run the tasks.
 *
 * @module
 */

import { FileReserve } from "../../util/files/file_reserve.ts";
import { startLimitIn, startLimitOf } from "../../util/process/refused_start.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import type { FailedStart } from "./failed_starts.ts";

/** A worker that the system refuses to start, because a limit is reached. */
export class RefusedStart extends Error {
  /** @param reason the limit, and what to do about it */
  constructor(readonly reason: string, next = "", options?: ErrorOptions) {
    super(`Cannot start a worker: ${reason}, or use fewer --workers${next}`, options);
  }
}

/** Returns the error of a start as a {@linkcode RefusedStart}; any other error as it is. */
export function asRefusedStart(cause: unknown): unknown {
  const reason = startLimitOf(cause);
  return reason === undefined ? cause : new RefusedStart(reason, "", { cause });
}

/** Returns the limit because of which a worker ended before it was ready, if that is the reason. */
export function refusedStartOf({ stderr, verdict }: FailedStart): RefusedStart | undefined {
  const reason = verdict === undefined ? startLimitIn(stderr) : undefined;
  return reason === undefined ? undefined : new RefusedStart(reason);
}

// The number of refusals in a row that a run without workers accepts: about 4 s.
const MAX_ALONE = 5;
const ALONE_MS = { firstMs: 250, maxMs: 2000 };
// Each try takes processes from the workers that run.
const BESIDE_MS = { firstMs: 1000, maxMs: 60_000 };

// The job's own files, such as its spans and the copies that are renamed, are opened when they are
// needed.
const OWN_FILES = 16;

/** The part of a run that decides about the next try. */
interface RunningPool {
  /** The workers with a running process. */
  readonly workers: { readonly size: number };
  /** The number of workers of the job. */
  readonly wanted: () => number;
  /** Shows the user a warning. */
  readonly warn: (text: string) => void;
}

/** Lets slots wait until the system may start another worker, and warns once. */
export class RefusedStarts implements Disposable {
  #pool: RunningPool;
  #alone = 0;
  #isLimited = false;
  #reserve = new FileReserve(OWN_FILES);
  #waiting = new Set<() => void>();

  /** Creates the set, which is empty. */
  constructor(pool: RunningPool) {
    this.#pool = pool;
  }

  /**
   * Starts a worker, unless no room for the files of the job would be left beside those of the
   * workers.
   *
   * @throws {RefusedStart} when that is so.
   */
  start<T>(start: () => T): T {
    try {
      if (this.#pool.workers.size > 0) this.#reserve.fill();
    } catch (error) {
      throw asRefusedStart(error);
    }
    const started = start();
    if (this.#isLimited) this.#reserve[Symbol.dispose]();
    return started;
  }

  /** Notes that a worker was ready. */
  reset(): void {
    this.#alone = 0;
  }

  /**
   * Waits for a time that grows, or until another worker has ended.
   *
   * @param tries the number of refusals in a row in this slot, from 1
   * @param signals signals that end the wait
   * @throws {RefusedStart} when no worker runs, and several tries have failed.
   */
  async wait(
    { reason, cause }: RefusedStart,
    tries: number,
    signals: readonly AbortSignal[],
  ): Promise<void> {
    const { size } = this.#pool.workers;
    this.#reserve[Symbol.dispose]();
    if (size > 0) this.#warn(size, reason);
    else if (++this.#alone >= MAX_ALONE) {
      throw new RefusedStart(reason, ", then run dl_jobs resume", { cause });
    }
    const ms = size > 0 ? backoffMs(tries, BESIDE_MS) : backoffMs(this.#alone, ALONE_MS);
    const woken = Promise.withResolvers<void>();
    this.#waiting.add(woken.resolve);
    await delay(ms, signals, woken.promise);
    this.#waiting.delete(woken.resolve);
  }

  /** Ends the longest wait, because a worker or a slot has ended. */
  wakeOne(): void {
    const [wake] = this.#waiting;
    if (!wake) return;
    this.#waiting.delete(wake);
    wake();
  }

  /** Closes the files that keep room for those of the job. */
  [Symbol.dispose](): void {
    this.#reserve[Symbol.dispose]();
  }

  #warn(size: number, reason: string): void {
    if (this.#isLimited) return;
    this.#isLimited = true;
    const workers = size === 1 ? "1 worker runs" : `${size} workers run`;
    this.#pool.warn(
      `${workers} the tasks, not ${this.#pool.wanted()}: ${reason}, or use fewer --workers`,
    );
  }
}
