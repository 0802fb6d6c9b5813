/**
 * The function of a reduce: folds results into accumulators, one for each group. A worker calls it
 * with lines of results, and holds the accumulators until they are saved.
 *
 * @module
 */

import type { ReducedGroup } from "../job_dir/reduce_state.ts";
import type { TaskError } from "../journal/format.ts";
import { toTaskError } from "../journal/task_error.ts";
import { isRawJson } from "../util/builtins.ts";
import { parseJson } from "../util/parse_json.ts";
import { canonicalJson } from "../values/canonical_json.ts";
import { changedPart } from "../values/changed_part.ts";
import { parseDigits } from "../values/digits.ts";
import type { ValuePolicy } from "../values/policy.ts";
import { stringify } from "../values/stringify.ts";
import { valueAt } from "../values/value_at.ts";
import { isPromise, type UserFunction } from "./invoke.ts";
import { clockMs } from "./clock.ts";

/** The options of a reduce. */
export interface ReduceOptions {
  /** The key of the groups, in the result or else in the arguments. @default {one group} */
  readonly by?: string | undefined;
}

/** The results that a worker folds together. */
export interface ReduceLine {
  /** The number of results that were folded before. A worker without these has lost its state. */
  readonly from: number;
  /** The accumulators of these results, for a worker that has none. */
  readonly groups?: readonly ReducedGroup[] | undefined;
  /** The results, in the order of the list. */
  readonly rows: readonly ReduceRow[];
  /** True for the last results, whose accumulators are the value. @default {false} */
  readonly isLast?: boolean | undefined;
}

/** A result. Its key is given as JSON text where the worker would round it. */
export type ReduceRow = readonly [task: number, result: unknown, args: unknown, key?: string];

/** The outcome of the function for a result. */
export interface ReduceError extends TaskError {
  readonly task: number;
}

/** The reply to a line, or `null` when the results are folded and nothing is saved. */
export type ReduceReply =
  | null
  | { readonly groups: readonly ReducedGroup[] }
  | { readonly error: ReduceError }
  | { readonly isLost: true };

/** The types of errors that the function has not thrown: at a result, or at a save after it. */
export const REDUCE_PROBLEM = "ReduceProblem", SAVE_PROBLEM = "SaveProblem";

// The shortest time between two saves, and the share of the time that they may take.
const SAVE_MS = 1000, SAVE_SHARE = 0.1;

/**
 * Returns the function that a worker calls with each line.
 *
 * @param parse parses the JSON text of an accumulator
 *
 * @example
 * ```ts
 * import { reducerOf } from "./reduce.ts";
 *
 * const fold = reducerOf((sum = 0, x: number) => sum + x, {}) as (line: unknown) => unknown;
 * const reply = await fold({ from: 0, rows: [[0, 2, {}], [1, 3, {}]], isLast: true });
 * if (JSON.stringify(reply) !== '{"groups":[["null","5"]]}') throw new Error("another sum");
 * ```
 */
export function reducerOf(
  fn: (...args: never[]) => unknown,
  options: ReduceOptions & ValuePolicy,
  parse: (text: string) => unknown = parseJson,
): UserFunction {
  const fold = new Fold(fn as (...args: unknown[]) => unknown, options, parse);
  return async (line: ReduceLine) => await fold.take(line);
}

/** Thrown for a mistake that is not an error of the function. */
class ReduceProblem extends Error {
  override name: string = REDUCE_PROBLEM;
}

/** Thrown for an accumulator that cannot be saved. */
class SaveProblem extends Error {
  override name: string = SAVE_PROBLEM;
}

class Fold {
  #groups = new Map<string, unknown>();
  /** The keys that are lists or objects, by a text that equal keys have. */
  #keys = new Map<string, string>();
  #count = 0;
  #nextSave = 0;

  constructor(
    readonly fn: (...args: unknown[]) => unknown,
    readonly options: ReduceOptions & ValuePolicy,
    readonly parse: (text: string) => unknown,
  ) {}

  async take({ from, groups, rows, isLast }: ReduceLine): Promise<ReduceReply> {
    if (groups) {
      this.#restore(from, groups);
      this.#restoreKeys();
    }
    if (from !== this.#count) return { isLost: true };
    for (const row of rows) {
      const [task] = row;
      try {
        const pending = this.#add(row);
        if (pending) await pending;
      } catch (thrown) {
        return { error: { ...toTaskError(thrown), task } };
      }
    }
    this.#count += rows.length;
    return isLast || clockMs() >= this.#nextSave ? this.#save(rows.at(-1)![0]) : null;
  }

  #restore(count: number, groups: readonly ReducedGroup[]): void {
    this.#count = count;
    this.#groups = new Map(groups.map(([key, value]) => [key, this.parse(value)]));
  }

  #restoreKeys(): void {
    this.#keys.clear();
    for (const key of this.#groups.keys()) {
      if (/^[[{]/.test(key)) this.#sameKey(parseDigits(key), key);
    }
  }

  /** Folds one result. Returns a promise only when the function does. */
  #add(row: ReduceRow): Promise<void> | undefined {
    const { fn } = this, key = this.#keyOf(row), [, result, args] = row;
    const value = fn(this.#groups.get(key), result, args);
    if (isPromise(value)) return Promise.resolve(value).then((one) => this.#set(key, one));
    this.#set(key, value);
    return undefined;
  }

  #set(key: string, value: unknown): void {
    if (value === undefined) throw new ReduceProblem("it returned undefined, not the accumulator");
    this.#groups.set(key, value);
  }

  #keyOf([, result, args, exact]: ReduceRow): string {
    const { by } = this.options;
    if (by === undefined) return "null";
    if (exact !== undefined) return this.#sameKey(parseDigits(exact), exact);
    const own = valueAt(result, by), key = own === undefined ? valueAt(args, by) : own;
    if (key !== undefined) return this.#sameKey(key, stringify(key, by));
    throw new ReduceProblem(`neither the result nor the arguments have the key ${by}`);
  }

  /** Returns the text of the first key that is equal: the order of the keys in it has no meaning. */
  #sameKey(key: unknown, text: string): string {
    if (typeof key !== "object" || key === null || isRawJson(key)) return text;
    const equal = canonicalJson(key, stringify), known = this.#keys.get(equal);
    if (known === undefined) this.#keys.set(equal, text);
    return known ?? text;
  }

  /**
   * Returns the accumulators as JSON, and continues with the parsed JSON. A reduce that is resumed
   * has the same value as one that is not.
   */
  #save(task: number): ReduceReply {
    const began = clockMs(), groups: ReducedGroup[] = [];
    try {
      for (const [key, value] of this.#groups) groups.push([key, savedText(value, this.options)]);
    } catch (thrown) {
      return { error: { ...toTaskError(thrown), task } };
    }
    this.#restore(this.#count, groups);
    const now = clockMs();
    this.#nextSave = now + Math.max(SAVE_MS, (now - began) / SAVE_SHARE);
    return { groups };
  }
}

/** Returns the JSON text of an accumulator. What JSON would change is an error at every save. */
function savedText(value: unknown, { hasBigInts }: ValuePolicy): string {
  const text = jsonText(value), changed = changedPart(value, hasBigInts);
  if (changed === undefined) return text;
  throw new SaveProblem(
    `accumulator${changed}: use text, finite numbers, booleans, null, lists and plain objects`,
  );
}

function jsonText(value: unknown): string {
  try {
    return stringify(value, "accumulator", () => {});
  } catch (thrown) {
    throw new SaveProblem(toTaskError(thrown).message.replace(/^Cannot write /, ""));
  }
}
