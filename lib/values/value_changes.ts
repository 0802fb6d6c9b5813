/**
 * Warnings about numbers that code receives in another form.
 *
 * @module
 */

import { counted } from "../util/text/counted.ts";
import type { ValueChange } from "./policy.ts";

/** A change of a number that is read. */
export type NumberChange = Exclude<ValueChange, "nonFinite">;

/** Counts the numbers of each kind. */
export class ValueChanges {
  #found = new Map<NumberChange, { readonly count: number; readonly first: string }>();

  /**
   * Starts to count.
   *
   * @param advice the way to receive all digits of integers
   */
  constructor(readonly advice: string) {}

  /**
   * Adds numbers.
   *
   * @param text the text of the first one
   */
  add(kind: NumberChange, text: string, number = 1): void {
    const { count, first } = this.#found.get(kind) ?? { count: 0, first: text };
    this.#found.set(kind, { count: count + number, first });
  }

  /** Returns a message for each kind. */
  texts(name: string): string[] {
    return [...this.#found].map(([kind, { count, first }]) =>
      `${name}: ` + TEXTS[kind](count, first, this.advice)
    );
  }
}

const TEXTS: {
  readonly [Kind in NumberChange]: (count: number, first: string, advice: string) => string;
} = {
  infinite: (count, first) =>
    `${counted(count, "number")} ${wasOrWere(count)} too large and became Infinity, first ${first}`,
  rounded: (count, first, advice) =>
    `${counted(count, "integer")} beyond 2^53 ${wasOrWere(count)} rounded, first ${first}; ` +
    advice,
  shortened: (count, first) =>
    `${counted(count, "number")} lost digits, first ${first}; a text keeps all digits`,
};

function wasOrWere(count: number): string {
  return count === 1 ? "was" : "were";
}
