/**
 * The pace at which the tasks of a job may begin.
 *
 * @module
 */

import type { EventBatch } from "../journal/format.ts";
import { eachResult } from "../journal/scan.ts";
import { formatDuration } from "../util/time/duration.ts";
import { startLongTimer } from "../util/time/long_timer.ts";
import type { AutoLimit } from "./auto_limit.ts";
import type { Task } from "./batch.ts";
import { parseRate, RateBucket, type TaskRate } from "./rates.ts";

/** Returns the key of a task, for a rate by key. */
export type TaskKey = (task: Pick<Task, "id" | "args">) => string;

/** A rate whose tasks are divided by their keys. */
interface KeyRule {
  readonly template: string;
  readonly keyOf: TaskKey;
  readonly rate: TaskRate;
  readonly buckets: Map<string, RateBucket>;
}

// After a limit, no tasks wait in workers for this time, so that the next limit meets few tasks.
const TIGHT_MS = 60_000;
// The wait after a limit that does not name one. It doubles with each limit in a row.
const FIRST_WAIT_MS = 1000, MOST_WAIT_MS = 60_000;
const MOST_BUCKETS = 10_000;

/** Decides when tasks may begin. Queues ask it before they hand tasks to a worker. */
export class Pace {
  /** Adapts the number of tasks that run at a time. @default {no limit} */
  auto: AutoLimit | undefined;
  #isPaused = false;
  #whole = new RateBucket();
  /** The rate of all tasks that the user has set. */
  #given: TaskRate | undefined;
  #rules: readonly KeyRule[] = [];
  /** The tasks that run, with the buckets that count them. Empty without a limit on their number. */
  #running = new Map<number, readonly RateBucket[]>();
  #tightUntil = 0;
  #watchers = new Set<() => void>();
  #wakeAt = Infinity;
  #stopTimer = () => {};

  /**
   * Creates the pace of a run.
   *
   * @param now a clock in milliseconds
   */
  constructor(readonly now: () => number = () => performance.now()) {}

  /** True while no task may begin. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  set isPaused(isPaused: boolean) {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#wake();
  }

  /** True while tasks are counted when they begin, so that none may wait in a worker. */
  get isActive(): boolean {
    return this.#whole.rate !== undefined || this.isPerTask || this.auto !== undefined ||
      (this.#tightUntil > 0 && this.now() < this.#tightUntil);
  }

  /** True when each task begins by itself, because its key or its end counts. */
  get isPerTask(): boolean {
    return this.#rules.length > 0 || this.#given?.atATime !== undefined;
  }

  /** True when the tasks that run are counted. */
  get #isCounting(): boolean {
    return [this.#given, ...this.#rules.map(({ rate }) => rate)]
      .some((rate) => rate?.atATime !== undefined);
  }

  /** The reason that tasks wait, such as `paused`; an empty text for nothing. */
  get note(): string {
    if (this.#isPaused) return "paused";
    const wait = this.#whole.limits > 0 ? this.#whole.waitMs(this.now()) : 0;
    if (wait >= 1000) return `limited for ${formatDuration(wait)}`;
    return this.auto ? this.auto.note : "";
  }

  /**
   * Replaces the rates.
   *
   * @param rates the texts of rates by the templates of their keys; the empty key is all tasks
   * @param toKey returns the key that a template makes
   */
  setRates(rates: Readonly<Record<string, string>>, toKey: (template: string) => TaskKey): void {
    this.#given = rates[""] === undefined ? undefined : parseRate(rates[""]);
    this.#rules = Object.entries(rates).filter(([template]) => template !== "")
      .map(([template, text]) => this.#ruleOf(template, parseRate(text), toKey));
    this.#adapt();
    this.#wake();
  }

  /** Returns the rule of a template. The keys of a known one keep their waits and running tasks. */
  #ruleOf(template: string, rate: TaskRate, toKey: (template: string) => TaskKey): KeyRule {
    const known = this.#rules.find((rule) => rule.template === template);
    if (!known) return { template, keyOf: toKey(template), rate, buckets: new Map() };
    const { everyMs, burst, atATime } = known.rate, now = this.now();
    if (everyMs === rate.everyMs && burst === rate.burst && atATime === rate.atATime) return known;
    for (const bucket of known.buckets.values()) bucket.setRate(rate, now);
    return { ...known, rate };
  }

  /** Returns false while no task may begin, whatever its key. The watchers are then called later. */
  isOpen(): boolean {
    const wait = this.#whole.waitMs(this.now());
    if (wait === 0 && !this.#whole.isFull && this.auto?.isFull !== true) return true;
    this.#wakeIn(wait);
    return false;
  }

  /** Returns how many of the next tasks may begin now, and counts them, unless `isPerTask`. */
  grant(most: number): number {
    const now = this.now();
    let count = 0;
    while (count < most && this.#whole.waitMs(now) === 0 && this.auto?.isFull !== true) {
      this.#count(now);
      count++;
    }
    if (count === 0) this.#wakeIn(this.#whole.waitMs(now));
    return count;
  }

  /** Lets a task begin if it may, and counts it. Otherwise the watchers are called later. */
  begin(task: Pick<Task, "id" | "args">): boolean {
    // A task whose worker has died begins again.
    this.#free(task.id);
    const now = this.now(), buckets = this.#bucketsOf(task);
    const wait = buckets.reduce((most, one) => Math.max(most, one.waitMs(now)), 0);
    if (wait > 0 || this.auto?.isFull || buckets.some(({ isFull }) => isFull)) {
      this.#wakeIn(wait);
      return false;
    }
    for (const one of buckets) if (one !== this.#whole) one.begin(now);
    this.#count(now);
    if (this.#isCounting) this.#hold(task.id, buckets);
    return true;
  }

  /** Notes tasks that an earlier process has begun, and that still run. */
  adopt(tasks: Iterable<Pick<Task, "id" | "args">>): void {
    if (!this.#isCounting) return;
    for (const task of tasks) this.#hold(task.id, this.#bucketsOf(task));
  }

  /** Notes that tasks which were counted begin only now, because their worker had to start. */
  begunLate(tasks: readonly Pick<Task, "id" | "args">[]): void {
    const now = this.now();
    this.#whole.beginLate(now, tasks.length);
    for (const task of tasks) {
      for (const rule of this.#rules) this.#bucketOf(rule, rule.keyOf(task)).beginLate(now, 1);
    }
  }

  /** Returns the keys of a task as one text. */
  keyOf(task: Pick<Task, "id" | "args">): string {
    return this.#rules.map(({ keyOf }) => keyOf(task)).join("\n");
  }

  /** Notes that tasks which have begun will begin again, because they were not run. */
  returned(tasks: readonly Pick<Task, "id">[]): void {
    for (const { id } of tasks) this.#free(id);
    this.auto?.returned(tasks.length);
  }

  /** Notes the attempts that have ended. */
  ended(
    { lines, succeeded, failures }: Pick<EventBatch, "lines" | "succeeded" | "failures">,
  ): void {
    const isHeld = this.#running.size > 0;
    if (isHeld) {
      eachResult(lines, (id) => this.#free(id));
      for (const { event } of failures) this.#free(event.id);
    }
    const classes = failures.map(({ event }) => event.error.class);
    const late = classes.filter((name) => name === "timeout").length;
    const limited = classes.filter((name) => name === "limited").length;
    const count = succeeded + classes.length - limited;
    if (count > late) this.#whole.limits = 0;
    const auto = count > 0 ? this.auto : undefined;
    if (auto) {
      auto.ended(count, late, this.now());
      this.#adapt();
    }
    if (isHeld || auto) this.#wake();
  }

  /**
   * Notes that a service has limited a task. Tasks with the same key wait.
   *
   * @param ms the time that the service has named, in milliseconds; 0 names none, because the clocks
   * of the service and of this machine differ
   * @returns the time until the task may begin again, in milliseconds
   */
  limited(task: Pick<Task, "id" | "args">, ms: number | undefined): number {
    const now = this.now(), all = this.#bucketsOf(task);
    // One of several keys of a task is limited, and which one is unknown.
    const buckets = all.length > 1 ? all.filter((one) => one !== this.#whole) : all;
    const wait = Math.max(...buckets.map((one) => ms || backoffOf(one, now)));
    for (const one of buckets) {
      if (one.blockedMs(now) < wait) one.limits++;
      one.block(now, wait);
    }
    // Another limit may name a longer time.
    this.#tightUntil = Math.max(this.#tightUntil, now + wait + TIGHT_MS);
    if (this.auto) {
      this.auto.limited(now, wait);
      this.#adapt();
      this.#wake();
    }
    return wait;
  }

  /** Calls a function whenever tasks may begin that waited. Returns a function that ends this. */
  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => {
      this.#watchers.delete(fn);
      // A timer would keep the process alive.
      if (this.#watchers.size === 0) this.#stopTimer();
    };
  }

  /** Waits until a task may begin, and counts it, or until a signal aborts. */
  async untilFree(
    task: Pick<Task, "id" | "args">,
    signals: readonly AbortSignal[],
  ): Promise<void> {
    const isFree = () => !this.#isPaused && (!this.isActive || this.begin(task));
    while (!signals.some(({ aborted }) => aborted) && !isFree()) {
      const { promise, resolve } = Promise.withResolvers<void>(), wake = () => resolve();
      const end = this.watch(wake);
      for (const signal of signals) signal.addEventListener("abort", wake);
      await promise;
      for (const signal of signals) signal.removeEventListener("abort", wake);
      end();
    }
  }

  #count(now: number): void {
    this.#whole.begin(now);
    this.auto?.begun(now);
  }

  /** Uses the slower rate: that of the user, or that of the services. */
  #adapt(): void {
    const rate = this.auto?.rate, given = this.#given;
    const isSlower = given !== undefined && given.everyMs >= (rate?.everyMs ?? 0);
    const slower = isSlower ? given : rate && { ...rate, atATime: given?.atATime };
    this.#whole.setRate(slower, this.now());
  }

  #hold(id: number, buckets: readonly RateBucket[]): void {
    this.#running.set(id, buckets);
    for (const one of buckets) one.running++;
  }

  #free(id: number): void {
    for (const one of this.#running.get(id) ?? []) one.running--;
    this.#running.delete(id);
  }

  #bucketsOf(task: Pick<Task, "id" | "args">): RateBucket[] {
    return [this.#whole, ...this.#rules.map((rule) => this.#bucketOf(rule, rule.keyOf(task)))];
  }

  #bucketOf({ buckets, rate }: KeyRule, key: string): RateBucket {
    let bucket = buckets.get(key);
    if (bucket) return bucket;
    if (buckets.size >= MOST_BUCKETS) this.#dropIdle(buckets);
    buckets.set(key, bucket = new RateBucket(rate));
    return bucket;
  }

  /** Drops buckets from which a task may begin at once, like from a new one. */
  #dropIdle(buckets: Map<string, RateBucket>): void {
    const now = this.now();
    for (const [key, one] of buckets) {
      if (one.waitMs(now) === 0 && one.running === 0) buckets.delete(key);
    }
  }

  #wakeIn(ms: number): void {
    const at = this.now() + ms;
    if (ms === 0 || at >= this.#wakeAt) return;
    this.#stopTimer();
    this.#wakeAt = at;
    this.#stopTimer = startLongTimer(() => this.#wake(), Math.ceil(ms));
  }

  #wake(): void {
    this.#stopTimer();
    this.#stopTimer = () => {};
    this.#wakeAt = Infinity;
    for (const fn of [...this.#watchers]) fn();
  }
}

/** Returns the wait after a limit that names none, or the rest of the wait that has begun. */
function backoffOf(bucket: RateBucket, now: number): number {
  const rest = bucket.blockedMs(now);
  if (rest > 0 && bucket.limits > 0) return rest;
  // Which keys have succeeded is unknown, so a time without a limit ends the row.
  if (rest < -MOST_WAIT_MS) bucket.limits = 0;
  return Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** bucket.limits);
}
