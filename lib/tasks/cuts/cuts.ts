/**
 * The cuts of a list: the options that select a part of its elements.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { defined } from "../../util/defined.ts";
import { shellWord } from "../../util/shell.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import { type Amount, parseAmount } from "../amount.ts";

/**
 * The options that select a part of a list. They apply in this order: `where`, `unique`, `sample`,
 * `shuffle`, `skip`, `limit`.
 */
export interface Cuts {
  /**
   * A JavaScript expression that is true for the elements to keep. The keys of the element are
   * names in it, and `it` is the element.
   */
  readonly where?: string | undefined;
  /**
   * Keeps the first of equal elements. A text is a key, such as `id` or `place.id`: the elements
   * are then equal when their values of this key are.
   */
  readonly unique?: boolean | string | undefined;
  /** Keeps a random share of the elements, such as `"1%"`, or a random number of them. */
  readonly sample?: number | string | undefined;
  /**
   * A whole number that selects the sample and the order of `shuffle`.
   * @default {a random number, which the record of the job contains}
   */
  readonly seed?: number | undefined;
  /** Reorders the elements at random. */
  readonly shuffle?: boolean | undefined;
  /** The number of elements to leave out at the start. */
  readonly skip?: number | undefined;
  /** The largest number of elements. */
  readonly limit?: number | undefined;
}

/** The names of all cuts, in the order in which they apply. */
export const CUTS = ["where", "unique", "sample", "seed", "shuffle", "skip", "limit"] as const;

/**
 * Checks cuts, and returns only those that are set. A random cut has a seed.
 *
 * @returns `undefined` when no cut is set.
 * @throws {UsageError} when the value of a cut is invalid.
 */
export function checkCuts(given: Cuts): Cuts | undefined {
  const set = CUTS.filter((name) => ![undefined, null, false].includes(given[name] as never));
  for (const name of set) CHECKS[name](given[name]);
  const isRandom = set.includes("sample") || set.includes("shuffle");
  if (set.includes("seed") && !isRandom) {
    throw new UsageError("Cannot use a seed alone: it belongs to sample or shuffle");
  }
  if (set.length === 0) return undefined;
  const seed = isRandom ? given.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] : undefined;
  return defined<Cuts>({ ...Object.fromEntries(set.map((name) => [name, given[name]])), seed });
}

const CHECKS: { readonly [Name in typeof CUTS[number]]: (value: unknown) => void } = {
  where: (value) =>
    checkText("where", value, 'an expression such as year > 2000 && band === "nir"'),
  unique: (value) => value === true || checkText("unique", value, "a key such as id"),
  sample: (value) => sampleOf(value as Cuts["sample"]),
  seed: (value) => checkWhole("seed", value),
  shuffle: (value) => {
    if (value !== true) throw invalid("shuffle", value, "true");
  },
  skip: (value) => checkWhole("skip", value),
  limit: (value) => checkWhole("limit", value),
};

function checkWhole(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw invalid(name, value, "a whole number, at least 0");
  }
}

function checkText(name: string, value: unknown, expected: string): void {
  if (typeof value !== "string" || value.trim() === "") throw invalid(name, value, expected);
}

function invalid(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(`Cannot use ${shortInspect(value)} as ${name}: write ${expected}`);
}

/**
 * Returns the size of a sample.
 *
 * @throws {UsageError} when the value is neither a number of elements nor a share.
 */
export function sampleOf(value: Cuts["sample"]): Amount {
  const amount = parseAmount(String(value).trim());
  if (!amount) throw invalid("sample", value, "a share such as 1% or a number such as 100");
  return amount;
}

/** Writes cuts as the flags that select the same part again. */
export function cutsText(cuts: Cuts): string {
  return CUTS.filter((name) => cuts[name] !== undefined).map((name) => {
    const value = cuts[name];
    const flag = `--${name}`;
    if (value === true) return flag;
    return `${flag}${name === "unique" ? "=" : " "}${shellWord(String(value))}`;
  }).join(" ");
}
