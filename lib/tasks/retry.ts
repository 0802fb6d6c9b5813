/**
 * Which failures are followed by another attempt, and the stream of tasks that grows by them.
 *
 * @module
 */

import { joinTasks, type Limits, type Task, type TaskBatch } from "./batch.ts";
import { UsageError } from "../util/errors.ts";
import type { FailedAttempt, FailureClass } from "../journal/format.ts";
import { eachResult } from "../journal/scan.ts";

/** What follows a failure of one class. */
export interface ClassPolicy {
  /** How often a task is tried, the first time included. */
  readonly attempts: number;
  /** By how much the next attempt gets more: time after a timeout, memory after running out of it. */
  readonly growth: number;
}

/** What follows each class of failure. */
export type RetryPolicy = { readonly [C in FailureClass]: ClassPolicy };

/** What an attempt may take at first, and how long to wait before another, in milliseconds. */
export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly limits: Limits;
  /** The wait before the second attempt; it doubles from then on. */
  readonly backoff: number;
  /** A number from 0 to 1, so that tasks that failed together are not tried again together. */
  readonly random?: () => number;
  /** The clock, in milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** Why the attempts of a task failed that a former run made. @default {there was none} */
  readonly past?: (id: number) => readonly FailureClass[];
}

const CLASSES = ["error", "timeout", "oom", "crash", "lost"] as const;
// What the engine loses is tried again, but not for ever: a task may have a hand in it.
const MAX_LOST = 6;
// A class that gives more each time is worth more than one try.
const GROWING_ATTEMPTS = 3;
const MAX_BACKOFF_MS = 60_000;
// As many as may wait for their next attempt in memory: the list can wait where it is.
const MAX_WAITING = 100_000;

/**
 * Reads a retry policy: for each class of failure a number of attempts, a factor, or both.
 *
 * @example
 * ```ts
 * import { parsePolicy } from "./retry.ts";
 *
 * const policy = parsePolicy({ error: "3", oom: "x2" }, 1);
 * if (policy.error.attempts !== 3 || policy.oom.growth !== 2) throw new Error("not read");
 * if (policy.crash.attempts !== 1) throw new Error("not the default");
 * ```
 *
 * @throws {UsageError} when there is no such class, or its value is no policy.
 */
export function parsePolicy(
  texts: Readonly<Record<string, string>>,
  maxAttempts: number,
): RetryPolicy {
  const unknown = Object.keys(texts).find((name) => !(CLASSES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot retry after "${unknown}": the classes of failure are ${CLASSES.join(", ")}`,
    );
  }
  const policies = CLASSES.map((name) =>
    [name, parseClass(name, texts[name], maxAttempts)] as const
  );
  return Object.fromEntries(policies) as unknown as RetryPolicy;
}

/** After how many failures no more tasks are started: a number, or a part of the list. */
export interface Halt {
  /** How many, or what part from 0 to 1. */
  readonly most: number;
  /** Whether it is a part. */
  readonly isPart: boolean;
}

/**
 * Reads after how many failures a job halts: `10` or `5%`.
 *
 * @throws {UsageError} when it is neither.
 */
export function parseHalt(text: string): Halt {
  const found = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  if (found && Number(found[1]) > 0) {
    const isPart = found[2] === "%";
    return { most: Number(found[1]) / (isPart ? 100 : 1), isPart };
  }
  throw new UsageError(
    `Cannot halt after "${text}": write a number of failures or a part, as 10 or 5%`,
  );
}

function parseClass(
  name: FailureClass,
  text: string | undefined,
  maxAttempts: number,
): ClassPolicy {
  if (text === undefined) return { attempts: name === "lost" ? MAX_LOST : maxAttempts, growth: 1 };
  const found = /^(\d+)?[\s,]*(?:x(\d+(?:\.\d+)?))?$/.exec(text.trim());
  if (!found || text.trim() === "" || found[1] === "0") {
    throw new UsageError(
      `Cannot read the retry policy "${name}=${text}": write attempts, a factor or both, ` +
        `such as ${name}=3, ${name}=x2 or "${name}=3 x2"`,
    );
  }
  const growth = Number(found[2] ?? 1);
  const attempts = found[1] ? Number(found[1]) : Math.max(maxAttempts, GROWING_ATTEMPTS);
  return { attempts, growth };
}

/** A task that is to be tried again, not before its time. */
interface Again extends Task {
  readonly due: number;
}

/**
 * How long to wait after an attempt, in milliseconds: twice as long each time, a minute at the most,
 * and up to half of it less, as chance will have it.
 *
 * @example
 * ```ts
 * import { backoffMs } from "./retry.ts";
 *
 * const waits = [1, 2, 3, 9].map((attempt) => backoffMs(attempt, 1000, () => 1));
 * if (waits.join() !== "1000,2000,4000,60000") throw new Error(waits.join());
 * ```
 */
export function backoffMs(attempt: number, backoff: number, random = Math.random): number {
  return Math.min(backoff * 2 ** (attempt - 1), MAX_BACKOFF_MS) * (0.5 + random() / 2);
}

/** The tasks of a list, and behind them those to try again, until each of them has ended. */
export class Attempts implements AsyncIterable<TaskBatch> {
  #again: Again[] = [];
  #nextDue = Infinity;
  /** Why a task has failed so far, for those that have not ended. */
  #histories = new Map<number, FailureClass[]>();
  #open = 0;
  #changed = Promise.withResolvers<undefined>();
  #now: () => number;

  /**
   * @param tasks the list
   * @param options what follows a failure
   * @param gate waited for before more of the list is read, with the last id that was
   */
  constructor(
    readonly tasks: AsyncIterable<TaskBatch>,
    readonly options: RetryOptions,
    readonly gate: (read: number) => Promise<void> = async () => {},
  ) {
    this.#now = options.now ?? Date.now;
  }

  /** Whether an attempt that failed is followed by another; if so, its task comes again. */
  retry({ event, args }: FailedAttempt): boolean {
    const { policy, backoff, random } = this.options;
    const kind = event.error.class;
    const history = [...this.#history(event.id), kind];
    this.#histories.set(event.id, history);
    if (history.filter((one) => one === kind).length >= policy[kind].attempts) return false;
    // What the engine lost is not the task's fault: it counts as the same attempt.
    const isLost = kind === "lost";
    const attempt = isLost ? event.attempt : event.attempt + 1;
    const due = isLost ? 0 : this.#now() + backoffMs(event.attempt, backoff, random);
    const limits = this.#limits(history);
    const { id } = event;
    // A copy: the one given would keep all that it came with in memory.
    this.#again.push({ id, attempt, args: args.slice(), due, ...(limits ? { limits } : {}) });
    this.#nextDue = Math.min(this.#nextDue, due);
    this.#changed.resolve(undefined);
    return true;
  }

  /** Takes note of tasks that have ended: the events of those that succeeded, and the others. */
  end(count: number, succeeded: Uint8Array, failed: readonly number[]): void {
    for (const id of failed) this.#histories.delete(id);
    if (this.#histories.size > 0) eachResult(succeeded, (id) => this.#histories.delete(id));
    this.#open -= count;
    if (this.#open === 0) this.#changed.resolve(undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskBatch> {
    const list = this.tasks[Symbol.asyncIterator]();
    let reading: Promise<IteratorResult<TaskBatch>> | undefined;
    try {
      for (let last = 0, isRead = false; !isRead || this.#open > 0;) {
        if (!isRead && this.#again.length < MAX_WAITING) reading ??= this.#read(list, last);
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
      // A list that is being waited for ends when it likes.
      if (!reading) await list.return?.();
    }
  }

  #read(list: AsyncIterator<TaskBatch>, last: number): Promise<IteratorResult<TaskBatch>> {
    const reading = this.gate(last).then(() => list.next());
    // It is waited for in turns, and may fail in between.
    reading.catch(() => {});
    return reading;
  }

  /** What the list gives, or nothing when there may be something else to do. */
  async #nextOf<T>(reading: Promise<T> | undefined): Promise<T | undefined> {
    this.#changed = Promise.withResolvers();
    const { promise, resolve } = this.#changed;
    const wait = Math.max(0, this.#nextDue - this.#now());
    const timer = wait < Infinity ? setTimeout(resolve, wait, undefined) : undefined;
    try {
      return await Promise.race(reading ? [reading, promise] : [promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  *#takeDue(): Generator<TaskBatch> {
    const now = this.#now();
    if (this.#nextDue > now) return;
    const due = this.#again.filter((one) => one.due <= now);
    this.#again = this.#again.filter((one) => one.due > now);
    this.#nextDue = this.#again.reduce((least, one) => Math.min(least, one.due), Infinity);
    yield* joinTasks(due);
  }

  /** A task that failed in a former run, and stands alone in its batch, gets what it got there. */
  #recall(batch: TaskBatch): TaskBatch {
    const limits = batch.count === 1 ? this.#limits(this.#history(batch.id(0))) : undefined;
    return limits ? batch.withLimits(limits) : batch;
  }

  #history(id: number): readonly FailureClass[] {
    return this.#histories.get(id) ?? this.options.past?.(id) ?? [];
  }

  /** What an attempt may take behind others that failed; nothing when it is what the job says. */
  #limits(history: readonly FailureClass[]): Limits | undefined {
    const { policy, limits } = this.options;
    const grown: { -readonly [Key in keyof Limits]: Limits[Key] } = { ...limits };
    for (const kind of history) {
      const key = GROWS[kind];
      if (key && grown[key]) grown[key] *= policy[kind].growth;
    }
    const isSame = grown.timeout === limits.timeout && grown.memory === limits.memory;
    return isSame ? undefined : grown;
  }
}

/** What another attempt gets more of. */
const GROWS: { readonly [C in FailureClass]?: keyof Limits } = {
  timeout: "timeout",
  oom: "memory",
};
