/**
 * The rates at which tasks may begin, and the numbers that may run at a time.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** A limit on the tasks that begin in a time, on those that run at a time, or on both. */
export interface TaskRate {
  /** The time from one task to the next, in milliseconds. */
  readonly everyMs: number;
  /** The number of tasks that may begin at once after a pause. */
  readonly burst: number;
  /** The number of tasks that may run at a time. @default {any number} */
  readonly atATime?: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const RATE =
  /^(\d+(?:\.\d+)?)\s*\/\s*(\d+)?\s*(s|m|h|d)(?:ec|in|econd|inute|our|ay)?(?:\s*,?\s*burst\s*=?\s*(\d+))?$/i;
const AT_A_TIME = /(?<!\S)([1-9]\d{0,8}) at a time(?!\S)/i;

/**
 * Parses a rate such as `10/s`, `600/m`, `5/10s`, `10/s burst 20`, `2 at a time` or `5/s 2 at a time`.
 *
 * @example
 * ```ts
 * import { parseRate } from "./rates.ts";
 *
 * const { everyMs, burst } = parseRate("600/m burst 5");
 * if (everyMs !== 100 || burst !== 5) throw new Error("another rate");
 * ```
 *
 * @throws {UsageError} when the text is not a rate, or its number is 0.
 */
export function parseRate(text: string): TaskRate {
  const [phrase = "", most] = AT_A_TIME.exec(text) ?? [], rest = text.replace(phrase, "").trim();
  const atATime = most === undefined ? {} : { atATime: Number(most) };
  if (most !== undefined && rest === "") return { everyMs: 0, burst: 1, ...atATime };
  const [, count, times = "1", unit = "", burst = "1"] = RATE.exec(rest) ?? [];
  const everyMs = Number(times) * UNITS[unit.toLowerCase()]! / Number(count);
  if (everyMs > 0 && everyMs < Infinity && Number(burst) > 0) {
    return { everyMs, burst: Number(burst), ...atATime };
  }
  throw new UsageError(
    `Cannot use the rate "${text}": write tasks and a unit of time, such as 10/s, 600/m or ` +
      '"10/s burst 20", or how many run together, such as "2 at a time"',
  );
}

// Timers fire late. A task that began so much too late does not delay the next one, unless none has
// begun for a while.
const SLACK_MS = 25, IDLE_MS = 500;
// A service that limits tasks in spite of their rate counts them in another way, and its true rate is
// unknown. As in congestion control, each limit is a step down, by a share of the rate, and tasks
// climb it again: the rate is then a sawtooth below the true one. A limit costs the wait that the
// service asks for, once in a climb, and the lower rate costs half a step. A step of 2 % that 1000
// tasks climb therefore costs 1 % of the time, and one wait in 1000 tasks. Far below the given rate,
// other users of the service are the reason, and the waits alone decide.
const STEP = 0.02, CLIMB_TASKS = 1000, MOST_STEPS = 12;

/** The tasks of one key: when the next of them may begin. */
export class RateBucket {
  /** The number of limits in a row, without a task that succeeded between them. */
  limits = 0;
  /** The number of tasks that run. */
  running = 0;
  #due = -Infinity;
  #blockedUntil = -Infinity;
  /** The number of steps below the rate. */
  #steps = 0;

  /** Creates a bucket. @param rate the rate. @default {no limit} */
  constructor(public rate?: TaskRate) {}

  /** True when no more tasks may run at the same time. */
  get isFull(): boolean {
    return this.running >= (this.rate?.atATime ?? Infinity);
  }

  /** Replaces the rate. The next task waits no longer than it would at the new one. */
  setRate(rate: TaskRate | undefined, now: number): void {
    this.rate = rate;
    const { everyMs = 0, burst = 1 } = rate ?? {};
    this.#due = Math.min(this.#due, now + burst * everyMs);
  }

  /** Returns the time until the next task may begin, in milliseconds. */
  waitMs(now: number): number {
    const { everyMs = 0, burst = 1 } = this.rate ?? {};
    return Math.max(0, this.#blockedUntil - now, this.#due - (burst - 1) * everyMs - now);
  }

  /** Returns the rest of the wait after a limit, in milliseconds; negative when it is over. */
  blockedMs(now: number): number {
    return this.#blockedUntil - now;
  }

  /** Notes that a task begins. */
  begin(now: number): void {
    if (!this.rate) return;
    const slack = now - this.#due < IDLE_MS ? SLACK_MS : 0;
    this.#due = Math.max(this.#due, now - slack) + this.rate.everyMs * (1 + STEP * this.#steps);
    this.#steps = Math.max(0, this.#steps - 1 / CLIMB_TASKS);
  }

  /** Notes that tasks begin now which were noted before. */
  beginLate(now: number, count: number): void {
    if (this.rate) this.#due = Math.max(this.#due, now + count * this.rate.everyMs);
  }

  /** Lets no task begin for some time, in milliseconds. */
  block(now: number, ms: number): void {
    if (this.#blockedUntil < now) this.#steps = Math.min(MOST_STEPS, this.#steps + 1);
    this.#blockedUntil = Math.max(this.#blockedUntil, now + ms);
  }
}
