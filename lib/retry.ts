/**
 * Which failures are followed by another attempt, and the stream of tasks that grows by them.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import type { Failure, FailureClass } from "./event.ts";
import { joinTasks, type Limits, type TaskBatch, withAttempt } from "./task.ts";

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
}

const CLASSES = ["error", "timeout", "oom", "crash", "lost"] as const;
// What the engine loses is tried again, but not for ever: a task may have a hand in it.
const MAX_LOST = 6;
// A class that gives more each time is worth more than one try.
const GROWING_ATTEMPTS = 3;
const MAX_BACKOFF_MS = 60_000;

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
interface Again {
  readonly id: number;
  readonly line: Uint8Array;
  readonly due: number;
  readonly limits: Limits | undefined;
}

/** What is remembered of a task that has failed and not yet ended. */
interface History {
  readonly counts: Map<FailureClass, number>;
  limits: Limits | undefined;
}

/** The tasks of a list, and behind them those to try again, until each of them has ended. */
export class Attempts implements AsyncIterable<TaskBatch> {
  #again: Again[] = [];
  #histories = new Map<number, History>();
  #open = 0;
  #changed = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param tasks the list
   * @param options what follows a failure
   * @param gate waited for before more of the list is read, with the last id that was
   */
  constructor(
    readonly tasks: AsyncIterable<TaskBatch>,
    readonly options: RetryOptions,
    readonly gate: (read: number) => Promise<void> = async () => {},
  ) {}

  /** Whether an attempt that failed is followed by another; if so, its task comes again. */
  retry({ event, task }: Failure): boolean {
    const kind = event.error.class;
    const history = this.#histories.get(event.id) ?? { counts: new Map(), limits: undefined };
    this.#histories.set(event.id, history);
    const times = (history.counts.get(kind) ?? 0) + 1;
    history.counts.set(kind, times);
    if (times >= this.options.policy[kind].attempts) return false;
    history.limits = this.#grow(kind, history.limits);
    // What the engine lost is not the task's fault: it counts as the same attempt.
    const attempt = kind === "lost" ? event.attempt : event.attempt + 1;
    const line = withAttempt(task, event.id, attempt);
    const due = kind === "lost" ? 0 : Date.now() + this.#wait(event.attempt);
    this.#again.push({ id: event.id, line, due, limits: history.limits });
    this.#wake();
    return true;
  }

  /** Takes note of tasks that have ended. */
  end(count: number, ids: readonly number[] = []): void {
    for (const id of ids) this.#histories.delete(id);
    this.#open -= count;
    if (this.#open === 0) this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskBatch> {
    for await (const batch of this.tasks) {
      this.#open += batch.ids.length;
      if (batch.ids.length > 0) yield batch;
      yield* this.#takeDue();
      await this.gate(batch.ids.at(-1) ?? 0);
    }
    while (this.#open > 0) {
      yield* this.#takeDue();
      await this.#untilDue();
    }
  }

  #grow(kind: FailureClass, last: Limits | undefined): Limits | undefined {
    const key = kind === "timeout" ? "timeout" : kind === "oom" ? "memory" : undefined;
    const { growth } = this.options.policy[kind];
    const limits = { ...this.options.limits, ...last };
    const value = key && limits[key];
    return !key || !value || growth === 1 ? last : { ...limits, [key]: value * growth };
  }

  #wait(attempt: number): number {
    const { backoff, random = Math.random } = this.options;
    return Math.min(backoff * 2 ** (attempt - 1), MAX_BACKOFF_MS) * (0.5 + random() / 2);
  }

  *#takeDue(): Generator<TaskBatch> {
    const now = Date.now();
    const due = this.#again.filter((one) => one.due <= now);
    if (due.length === 0) return;
    this.#again = this.#again.filter((one) => one.due > now);
    const plain = due.filter(({ limits }) => !limits);
    if (plain.length > 0) yield joinTasks(plain);
    for (const one of due) if (one.limits) yield joinTasks([one], one.limits);
  }

  async #untilDue(): Promise<void> {
    if (this.#open === 0) return;
    const next = Math.min(...this.#again.map(({ due }) => due));
    if (next <= Date.now()) return;
    if (Number.isFinite(next)) this.#timer = setTimeout(() => this.#wake(), next - Date.now());
    await this.#changed.promise;
    clearTimeout(this.#timer);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
