/**
 * Warnings about values that tasks received or returned in another form, one for each kind.
 *
 * @module
 */

import type { LogLine } from "../journal/format.ts";
import { counted } from "../util/text/counted.ts";
import { nonFiniteText } from "../values/non_finite.ts";
import type { ValueChange } from "../values/policy.ts";

/** The values of one kind: their number, and the first task with such a value. */
interface Found {
  readonly count: number;
  readonly first: LogLine;
}

/** Sums up the notes of workers. */
export class ValueWarnings {
  #found = new Map<ValueChange, Found>();

  /** Adds a note. Does nothing for any other log line. */
  add(line: LogLine): void {
    if (!line.note) return;
    const { kind, count } = line.note, before = this.#found.get(kind);
    const isFirst = !before || line.id < before.first.id;
    this.#found.set(kind, {
      count: count + (before?.count ?? 0),
      first: isFirst ? line : before.first,
    });
  }

  /** Returns a message for each kind of change. */
  texts(): string[] {
    return [...this.#found].map(([kind, { count, first: { id, text } }]) =>
      TEXTS[kind](count, id, text)
    );
  }
}

const TEXTS: { readonly [Kind in ValueChange]: (count: number, id: number, at: string) => string } =
  {
    nonFinite: (count, id, at) =>
      `${nonFiniteText(count, `in task ${id} at ${at}`)}; --nan fail makes such a task fail`,
    infinite: (count, id, at) =>
      `${counted(count, "number")} in the arguments became Infinity, ` +
      `first ${at} in task ${id}; --nan fail makes such a task fail`,
    rounded: (count, id, at) =>
      `${counted(count, "integer")} beyond 2^53 in the arguments ` +
      `${count === 1 ? "was" : "were"} rounded, first ${at} in task ${id}; ` +
      "--big-integers bigint passes such integers as BigInt",
    shortened: (count, id, at) =>
      `${counted(count, "number")} in the arguments lost digits, ` +
      `first ${at} in task ${id}; a text keeps all digits`,
  };
