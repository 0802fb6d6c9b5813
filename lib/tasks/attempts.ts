/**
 * The stream of tasks that an engine runs: the tasks of the list, and new attempts after failures.
 *
 * @module
 */

import type { FailedAttempt, FailureClass } from "../journal/format.ts";
import { eachResult } from "../journal/scan.ts";
import { startLongTimer } from "../util/time/long_timer.ts";
import { joinTasks, type Limits, type Task, type TaskBatch } from "./batch.ts";
import { retryDelayMs, type RetryPolicy } from "./retry.ts";

/** The rules for further attempts. */
export interface RetryOptions {
  /** The number of attempts and the growth of limits for each class of failure. */
  readonly policy: RetryPolicy;
  /** The limits of a first attempt. */
  readonly limits: Limits;
  /** The memory that grows after `oom` when `limits` has none, in bytes. @default {none grows} */
  readonly taskMemory?: number | undefined;
  /**
   * The wait before the second attempt, in milliseconds. The wait doubles with each further
   * attempt.
   */
  readonly backoff: number;
  /**
   * Returns a random number from 0 to 1, which spreads the next attempts of tasks that failed
   * together.
   *
   * @default {Math.random}
   */
  readonly random?: (() => number) | undefined;
  /**
   * Returns the time of a clock that nothing sets, in milliseconds.
   *
   * @default {performance.now}
   */
  readonly now?: (() => number) | undefined;
  /** Returns the failures of a task in earlier runs of the job. @default {none} */
  readonly past?: ((id: number) => readonly FailureClass[]) | undefined;
}

// Reading of the list pauses while this many tasks wait in memory for their next attempt.
const MAX_WAITING = 100_000;

/** A task that waits for its next attempt. */
interface WaitingTask extends Task {
  /** The earliest time of the attempt, by the clock of the options. */
  readonly due: number;
}

/** Yields the tasks of a list, and new attempts of failed tasks, until all tasks have ended. */
export class Attempts implements AsyncIterable<TaskBatch> {
  #waiting: WaitingTask[] = [];
  #nextDue = Infinity;
  /** The failures of each task that has not ended. */
  #histories = new Map<number, FailureClass[]>();
  #open = 0;
  #changed = Promise.withResolvers<undefined>();
  #now: () => number;
  #options: RetryOptions;
  /** The limits of first attempts, when they are no longer those of the workers. */
  #changedLimits: Limits | undefined;

  /**
   * Creates the stream. The list is read only while the stream is iterated.
   *
   * @param tasks the list
   * @param options the rules for further attempts
   * @param gate called with the last id that was read, and awaited, before each read of the list
   */
  constructor(
    readonly tasks: AsyncIterable<TaskBatch>,
    options: RetryOptions,
    readonly gate: (read: number) => Promise<void> = async () => {},
  ) {
    this.#options = options;
    // A wall clock that is set back would lengthen the waits by as much.
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Changes the rules for further attempts.
   *
   * @param isFollowed true when running workers have the limits, so that tasks need not carry them
   */
  change(rules: Partial<RetryOptions>, isFollowed: boolean): void {
    this.#options = { ...this.#options, ...rules };
    if (rules.limits) this.#changedLimits = isFollowed ? undefined : rules.limits;
  }

  /**
   * Schedules another attempt after a failure, if the policy allows one.
   *
   * @param waitMs the time until the attempt, for a service that limits the task. @default {0}
   * @returns true when another attempt follows
   */
  retry({ event, args, checkpoint }: FailedAttempt, waitMs = 0): boolean {
    const { policy, backoff, random } = this.#options;
    const kind = event.error.class;
    // The failures of earlier runs are copied once, not for each attempt.
    const history = this.#histories.get(event.id) ?? [...this.#history(event.id)];
    history.push(kind);
    this.#histories.set(event.id, history);
    if (history.filter((one) => one === kind).length >= policy[kind].attempts) return false;
    // A lost attempt is the engine's fault, and a limited one that of a service, so they are not
    // charged.
    const isCharged = kind !== "lost" && kind !== "limited";
    const attempt = isCharged ? event.attempt + 1 : event.attempt;
    const delayMs = isCharged ? retryDelayMs(event.attempt, backoff, random) : waitMs;
    const due = delayMs === 0 ? 0 : this.#now() + delayMs;
    const limits = this.#limits(history);
    // The arguments are copied, because a slice would keep its whole batch in memory.
    this.#waiting.push({ id: event.id, attempt, args: args.slice(), due, limits, checkpoint });
    this.#nextDue = Math.min(this.#nextDue, due);
    this.#changed.resolve(undefined);
    return true;
  }

  /**
   * Removes tasks that have ended.
   *
   * @param count the number of tasks that ended
   * @param succeeded the events of the tasks that succeeded
   * @param failed the ids of the tasks that failed
   */
  end(count: number, succeeded: Uint8Array, failed: readonly number[]): void {
    for (const id of failed) this.#histories.delete(id);
    if (this.#histories.size > 0) eachResult(succeeded, (id) => this.#histories.delete(id));
    this.#open -= count;
    if (this.#open === 0) this.#changed.resolve(undefined);
  }

  /** Yields batches of tasks, in the order of the list unless tasks fail. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TaskBatch> {
    const list = this.tasks[Symbol.asyncIterator]();
    let reading: Promise<IteratorResult<TaskBatch>> | undefined;
    try {
      for (let last = 0, isRead = false; !isRead || this.#open > 0;) {
        if (!isRead && this.#waiting.length < MAX_WAITING) reading ??= this.#read(list, last);
        const next = await this.#nextOf(reading);
        if (next) reading = undefined;
        if (next?.done) isRead = true;
        else if (next && next.value.count > 0) {
          this.#open += next.value.count;
          last = next.value.id(next.value.count - 1);
          yield this.#recall(next.value);
        }
        yield* this.#takeDue();
      }
    } finally {
      // A pending read cannot be interrupted, and return() would wait for it.
      if (!reading) await list.return?.();
    }
  }

  #read(list: AsyncIterator<TaskBatch>, last: number): Promise<IteratorResult<TaskBatch>> {
    const reading = this.gate(last).then(() => list.next());
    // The read may fail while nothing awaits it.
    reading.catch(() => {});
    return reading;
  }

  /**
   * Returns the next batch of the list, or `undefined` if an attempt is due or all tasks have
   * ended.
   */
  async #nextOf<T>(reading: Promise<T> | undefined): Promise<T | undefined> {
    this.#changed = Promise.withResolvers();
    const { promise, resolve } = this.#changed;
    const wait = Math.max(0, this.#nextDue - this.#now());
    const stop = startLongTimer(() => resolve(undefined), wait);
    try {
      return await Promise.race(reading ? [reading, promise] : [promise]);
    } finally {
      stop();
    }
  }

  *#takeDue(): Generator<TaskBatch> {
    const now = this.#now();
    if (this.#nextDue > now) return;
    const due = this.#waiting.filter((task) => task.due <= now);
    this.#waiting = this.#waiting.filter((task) => task.due > now);
    this.#nextDue = this.#waiting.reduce((least, task) => Math.min(least, task.due), Infinity);
    yield* joinTasks(due);
  }

  /**
   * Restores the increased limits of a task that failed in an earlier run. Such a task has its own
   * batch.
   */
  #recall(batch: TaskBatch): TaskBatch {
    const history = batch.count === 1 ? this.#history(batch.id(0)) : [];
    const limits = this.#limits(history);
    return limits ? batch.withLimits(limits) : batch;
  }

  #history(id: number): readonly FailureClass[] {
    return this.#histories.get(id) ?? this.#options.past?.(id) ?? [];
  }

  /** Returns the limits of the attempt after some failures, or `undefined` for the job's limits. */
  #limits(history: readonly FailureClass[]): Limits | undefined {
    const { policy, limits, taskMemory } = this.#options;
    const grown: { -readonly [Key in keyof Limits]: Limits[Key] } = { ...limits };
    for (const kind of history) {
      const { [kind]: key } = GROWS, { growth } = policy[kind];
      const last = key && (grown[key] || (key === "memory" ? taskMemory : undefined));
      if (last && growth > 1) grown[key] = last * growth;
    }
    const isSame = grown.timeout === limits.timeout && grown.memory === limits.memory;
    return isSame ? this.#changedLimits : grown;
  }
}

/** The limit that grows after a failure of each class. */
const GROWS: { readonly [C in FailureClass]?: keyof Limits } = {
  timeout: "timeout",
  oom: "memory",
};
