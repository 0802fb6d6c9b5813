/**
 * The cases of the task benches.
 *
 * @module
 */

/** The number of calls in flight where the tasks keep a CPU busy. */
export const WORKERS = 2;

const WAITING = 100;

/** A kind of task, and the settings to run it with. */
export interface Case {
  readonly name: string;
  /** The function of `peers/tasks` to call. */
  readonly method: "square" | "spin" | "sleep" | "echo";
  readonly tasks: number;
  /**
   * The number of timed rounds of each contender. An untimed round before them fills the caches.
   */
  readonly rounds: number;
  /** The number of calls in flight, in all workers together. */
  readonly concurrency: number;
  /** Returns the argument of a task by its number. */
  args(index: number): unknown;
  /** True when the arguments are the durations of the calls in milliseconds. */
  readonly isTimed?: boolean;
}

/** The cases that are timed. Tasks that take a while last ten seconds, much longer than a start. */
export const CASES: readonly Case[] = [
  {
    name: "no-op",
    method: "square",
    tasks: 1_000_000,
    rounds: 7,
    concurrency: WORKERS,
    args: (index) => index,
  },
  {
    name: "10 KB in, 10 KB out",
    method: "echo",
    tasks: 20_000,
    rounds: 3,
    concurrency: WORKERS,
    args: tenKilobytes,
  },
  {
    name: "1 ms of CPU",
    method: "spin",
    tasks: 20_000,
    rounds: 3,
    concurrency: WORKERS,
    args: () => 1,
    isTimed: true,
  },
  {
    name: "1 ms, one in 100 takes 100 ms",
    method: "spin",
    tasks: 10_000,
    rounds: 3,
    concurrency: WORKERS,
    args: (index) => isLarge(index) ? 100 : 1,
    isTimed: true,
  },
  {
    name: "10 ms async, 100 at a time",
    method: "sleep",
    tasks: 100_000,
    rounds: 3,
    concurrency: WAITING,
    args: () => 10,
    isTimed: true,
  },
];

/** Returns the shortest possible time for `tasks` tasks of a case, in milliseconds. */
export function idealMs({ args, concurrency }: Case, tasks: number): number {
  let sum = 0;
  for (let index = 0; index < tasks; index++) sum += Number(args(index));
  return sum / concurrency;
}

/** Selects one number of each hundred, at a varying position. */
function isLarge(index: number): boolean {
  return index % 100 === (Math.floor(index / 100) * 37 + 11) % 100;
}

const NUMBERS = Array.from({ length: 730 }, (_, index) => Math.round(Math.sin(index) * 1e4) / 1e4);
const TEXT = "a text of some length, ".repeat(200);

/** Returns an object of ten kilobytes, with numbers and a text. */
export function tenKilobytes(id: number): unknown {
  return { id, name: `tile ${id}`, values: NUMBERS, text: TEXT };
}
