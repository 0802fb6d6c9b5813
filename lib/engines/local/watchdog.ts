/**
 * The limits on the time of a task and on the memory of a worker.
 *
 * @module
 */

import type { TaskError } from "../../journal/format.ts";
import type { ProcessTree } from "../../util/process/process_tree.ts";
import { delay } from "../../util/time/delay.ts";
import type { InFlight } from "../shared/in_flight.ts";
import { LateTasks, timeoutError } from "./late_tasks.ts";

/** The tasks that are charged with the death of a worker, and their error. */
export interface Verdict {
  /** The ids of the charged tasks. */
  readonly ids: readonly number[];
  /** The error of each charged task. */
  readonly error: TaskError;
  /** The run time of the first charged task, in milliseconds. @default {0} */
  readonly ms?: number;
  /**
   * True when one of the tasks may be the cause for all. Several tasks then run again alone, and
   * none is charged. @default {false}
   */
  readonly isShared?: boolean;
}

/** The limits of a worker, and the callback that kills it. */
export interface WatchdogOptions {
  /** The worker's process and its descendants. */
  readonly processes: Pick<ProcessTree, "memory">;
  /** The longest run time of one task, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that the processes may use, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
  /** The number of concurrent tasks in the worker. */
  readonly concurrency: number;
  /** Returns true while a task blocks the worker, so that none of its tasks can begin or end. */
  readonly isBlocked?: () => boolean;
  /** Kills the process. */
  readonly kill: () => void;
  /**
   * Asks the worker to end a task that has exceeded its time limit.
   *
   * @returns the time that the task has until the kill, in milliseconds. @default {no time}
   */
  readonly cancel?: (id: number) => number;
  /**
   * Describes what a task does that has exceeded its time limit. Called before `cancel`; the kill
   * waits for it.
   *
   * @param ms the run time of the task, in milliseconds
   */
  readonly explain?: (id: number, ms: number) => Promise<string>;
  /** A clock in milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

// The interval between memory checks. A task can exceed the limit unnoticed for this long.
const MEMORY_CHECK_MS = 50;

/** Kills a worker that exceeds a limit, and records which tasks to charge. */
export class Watchdog implements Disposable {
  /** The reason for the kill; undefined unless the watchdog killed the worker. */
  verdict: Verdict | undefined;
  /** The tasks that have exceeded the time limit and may end by themselves. */
  readonly late: LateTasks;
  #options: WatchdogOptions;
  #now: () => number;
  #since = new Map<number, number>();
  #isReady = false;
  #grace = 0;
  /** The number of tasks whose explanations are being read. */
  #explaining = 0;
  #checked = 0;
  #pauses = 0;
  #pausedAt = 0;
  /** The time since the last check that output of the worker took, in milliseconds. */
  #waited = 0;
  #timers: ReturnType<typeof setInterval>[] = [];

  /** Starts the timers of the limits that are set. */
  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.late = new LateTasks(this.#now);
    this.#start();
  }

  /** Replaces the limits, also for running tasks. */
  setLimits(limits: Pick<WatchdogOptions, "timeout" | "memory">): void {
    this[Symbol.dispose]();
    this.#options = { ...this.#options, ...limits };
    this.#start();
  }

  #start(): void {
    const { timeout, memory } = this.#options;
    this.#checked = this.#now();
    if (timeout) {
      const ms = Math.min(100, Math.ceil(timeout / 10));
      this.#every(ms, () => {
        this.#excuseDelay(ms);
        this.#checkTime(timeout);
      });
    }
    if (memory) this.#every(MEMORY_CHECK_MS, () => this.#checkMemory(memory));
  }

  /**
   * Records the tasks that are running. Records nothing before the worker is ready, because the
   * time to load the function is not charged to a task.
   *
   * @param ran the time that a task has already run, in milliseconds. @default {0}
   */
  track(
    inFlight: InFlight,
    { isReady = this.#isReady, ran }: { isReady?: boolean; ran?: (id: number) => number } = {},
  ): void {
    this.#isReady = isReady;
    const { timeout, memory, concurrency } = this.#options;
    if (!isReady || (!timeout && !memory)) return;
    const ids = inFlight.running(concurrency);
    const begun = (id: number) => this.#since.get(id) ?? this.#now() - (ran?.(id) ?? 0);
    this.#since = new Map(ids.map((id) => [id, begun(id)]));
  }

  /**
   * Pauses the timeout clock until a promise settles, while downstream applies backpressure.
   *
   * @param patience the time that the wait may take before the pause begins, in milliseconds
   */
  async pauseWhile(waiting: Promise<void>, patience = 0): Promise<void> {
    if (patience > 0 && await this.#settles(waiting, patience)) return;
    if (this.#pauses++ === 0) this.#pausedAt = this.#now();
    await waiting;
    if (--this.#pauses === 0) this.#shift(this.#now() - this.#pausedAt);
  }

  /** Returns true when a promise settles within a time, or when there is no clock to pause. */
  async #settles(waiting: Promise<void>, ms: number): Promise<boolean> {
    let isSettled = !this.#options.timeout;
    const began = this.#now(), settled = waiting.then(() => void (isSettled = true));
    await (isSettled ? settled : delay(ms, [], settled));
    this.#waited += Math.min(ms, this.#now() - began);
    return isSettled;
  }

  /** Stops the timers. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #every(ms: number, fn: () => void): void {
    this.#timers.push(setInterval(fn, ms));
  }

  /**
   * Excludes from run times the time during which this process was blocked or the machine was
   * asleep, but not the time that the output of the worker itself took.
   */
  #excuseDelay(ms: number): void {
    const now = this.#now(), missed = now - this.#checked - ms - this.#waited;
    this.#checked = now;
    this.#waited = 0;
    if (missed > ms && this.#pauses === 0) this.#shift(missed);
  }

  #shift(ms: number): void {
    this.#since = new Map([...this.#since].map(([id, since]) => [id, since + ms]));
  }

  #checkTime(timeout: number): void {
    if (this.#pauses > 0) return;
    const now = this.#now();
    const late = [...this.#since].filter(([, since]) => now - since > timeout);
    for (const [id, since] of late) {
      if (!this.late.add(id, since, timeout)) continue;
      if (this.#options.explain) this.#explain(id, now - since);
      else this.#cancel(id);
    }
    const over = late.find(([, since]) => now - since > timeout + this.#grace);
    if (!over || this.#explaining > 0) return;
    const [first, since] = over, stack = this.late.explanation(first);
    const base = timeoutError(timeout, " and was killed");
    const error = stack === undefined ? base : { ...base, stack };
    const isShared = this.#options.isBlocked?.() === true;
    this.#end({ ids: late.map(([id]) => id), error, ms: Math.round(now - since), isShared });
  }

  #cancel(id: number): void {
    this.#grace = this.#options.cancel?.(id) ?? 0;
  }

  /** Reads what a late task does, then asks it to end. It still has its whole grace. */
  async #explain(id: number, ms: number): Promise<void> {
    const began = this.#now();
    this.#explaining++;
    try {
      this.late.explain(id, await this.#options.explain!(id, ms));
    } catch {
      // The worker has ended.
    }
    this.#explaining--;
    this.#cancel(id);
    if (this.#grace > 0) this.#grace += this.#now() - began;
  }

  #checkMemory(memory: number): void {
    const used = this.#options.processes.memory(memory);
    if (used <= memory) return;
    const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    const message = `its worker used ${mb(used)} of memory, more than the limit of ` +
      `${mb(memory)}, and was killed`;
    this.#end({
      ids: [...this.#since.keys()],
      error: { message, type: "OutOfMemory", class: "oom" },
      isShared: true,
    });
  }

  #end(verdict: Verdict): void {
    if (this.verdict) return;
    this.verdict = verdict;
    this.#options.kill();
  }
}
