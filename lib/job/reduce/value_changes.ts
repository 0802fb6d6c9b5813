/**
 * Warnings about values that the function of a reduce receives in another form.
 *
 * @module
 */

import type { LogLine } from "../../journal/format.ts";
import { counted } from "../../util/counted.ts";
import type { ValueChange } from "../../values/policy.ts";

/** Counts the values of each kind. */
export class ValueChanges {
  #found = new Map<Change, { readonly count: number; readonly first: string }>();

  /** Adds the note of a log line. */
  add({ note, text }: LogLine): void {
    // An accumulator that is not finite is an error.
    if (!note || note.kind === "nonFinite") return;
    const { count, first } = this.#found.get(note.kind) ?? { count: 0, first: text };
    this.#found.set(note.kind, { count: count + note.count, first });
  }

  /** Returns a message for each kind. */
  texts(name: string): string[] {
    return [...this.#found].map(([kind, { count, first }]) =>
      `${name}: ` + TEXTS[kind](count, first)
    );
  }
}

type Change = Exclude<ValueChange, "nonFinite">;

const TEXTS: { readonly [Kind in Change]: (count: number, first: string) => string } = {
  infinite: (count, first) =>
    `${counted(count, "number")} ${wasOrWere(count)} too large and became Infinity, first ${first}`,
  rounded: (count, first) =>
    `${counted(count, "integer")} beyond 2^53 ${wasOrWere(count)} rounded, first ${first}; ` +
    "a job with --big-integers bigint passes such integers as BigInt",
};

function wasOrWere(count: number): string {
  return count === 1 ? "was" : "were";
}
