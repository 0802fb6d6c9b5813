/**
 * The slots whose workers the system refuses to start. They wait while other workers run the tasks.
 *
 * @module
 */

import { reserveFiles } from "../../util/files/file_reserve.ts";
import { startLimitIn, startLimitOf } from "../../util/process/refused_start.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import { StartError } from "../shared/start_error.ts";
import { firstWarning } from "../shared/warn_once.ts";
import type { FailedStart } from "./failed_starts.ts";
import type { TakenBatch, TaskQueue } from "./task_queue.ts";

/** A worker that the system refuses to start, because a limit is reached. */
export class RefusedStart extends Error {
  /** @param reason the limit, and what to do about it */
  constructor(readonly reason: string, options?: ErrorOptions) {
    super(`Cannot start a worker: ${reason}, or use fewer --workers`, options);
  }
}

/** Returns the error of a start as a {@linkcode RefusedStart}; any other error as it is. */
export function asRefusedStart(cause: unknown): unknown {
  const reason = startLimitOf(cause);
  return reason === undefined ? cause : new RefusedStart(reason, { cause });
}

// The time for which a run without workers tries to start one.
const ALONE_LIMIT_MS = 4000;
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

/** The part of a worker that tells how its start ended. */
interface StartedWorker {
  /** Runs tasks, and returns those that need another worker. */
  run(first: TakenBatch): Promise<TakenBatch | undefined>;
  /** The facts about a failed start; undefined unless the process ended before it was ready. */
  readonly failedStart: FailedStart | undefined;
}

/** Lets slots wait until the system may start another worker, and warns once. */
export class RefusedStarts {
  #pool: RunningPool;
  #now: () => number;
  /** The time of the first refusal without workers; undefined once a worker was ready. */
  #aloneSince: number | undefined;
  #warnFirst: (text: string) => void;
  #waiting = new Set<() => void>();

  /**
   * Creates the set, which is empty.
   *
   * @param now a clock in milliseconds
   */
  constructor(pool: RunningPool, now: () => number = () => performance.now()) {
    this.#pool = pool;
    this.#now = now;
    this.#warnFirst = firstWarning(pool.warn);
  }

  /**
   * Runs one worker to its end, unless no room for the files of the job would be left beside those
   * of the workers.
   *
   * @param first the first tasks of the worker
   * @returns the error when the system refuses to start the worker, whose tasks are in the queue
   * again; otherwise the tasks that need another worker.
   */
  async run(
    worker: StartedWorker,
    first: TakenBatch,
    queue: Pick<TaskQueue, "putBack">,
  ): Promise<TakenBatch | RefusedStart | undefined> {
    let unused: TakenBatch | undefined = first;
    try {
      unused = await this.#start(() => worker.run(first));
      const refusal = worker.failedStart && refusedStartOf(worker.failedStart);
      if (!refusal) return unused;
      throw refusal;
    } catch (error) {
      if (!(error instanceof RefusedStart)) throw error;
      if (unused) queue.putBack(unused);
      return error;
    }
  }

  #start<T>(start: () => T): T {
    using _room = this.#pool.workers.size > 0 ? roomForOwnFiles() : undefined;
    return start();
  }

  /** Notes that a worker was ready. */
  reset(): void {
    this.#aloneSince = undefined;
  }

  /**
   * Waits for a time that grows, or until another worker has ended.
   *
   * @param tries the number of refusals in a row in this slot, from 1
   * @param signals signals that end the wait
   * @throws {StartError} when no worker runs, and none was ready for several seconds.
   */
  async wait(
    refusal: RefusedStart,
    tries: number,
    signals: readonly AbortSignal[],
  ): Promise<void> {
    const { size } = this.#pool.workers, now = this.#now();
    if (size > 0) this.#warn(size, refusal.reason);
    else if (now - (this.#aloneSince ??= now) >= ALONE_LIMIT_MS) {
      throw new StartError(refusal.message, { cause: refusal.cause });
    }
    const woken = Promise.withResolvers<void>();
    this.#waiting.add(woken.resolve);
    await delay(backoffMs(tries, size > 0 ? BESIDE_MS : ALONE_MS), signals, woken.promise);
    this.#waiting.delete(woken.resolve);
  }

  /** Ends the longest wait, because a worker or a slot has ended. */
  wakeOne(): void {
    const [wake] = this.#waiting;
    if (!wake) return;
    this.#waiting.delete(wake);
    wake();
  }

  #warn(size: number, reason: string): void {
    const workers = size === 1 ? "1 worker runs" : `${size} workers run`;
    this.#warnFirst(
      `${workers} the tasks, not ${this.#pool.wanted()}: ${reason}, or use fewer --workers`,
    );
  }
}

function roomForOwnFiles(): Disposable {
  try {
    return reserveFiles(OWN_FILES);
  } catch (error) {
    throw asRefusedStart(error);
  }
}

/** Returns the limit because of which a worker ended before it was ready, if that is the reason. */
function refusedStartOf({ stderr, verdict }: FailedStart): RefusedStart | undefined {
  const reason = verdict === undefined ? startLimitIn(stderr) : undefined;
  return reason === undefined ? undefined : new RefusedStart(reason);
}
