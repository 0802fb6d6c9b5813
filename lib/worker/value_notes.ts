/**
 * Notes about values that a task received or returned in another form.
 *
 * @module
 */

import type { LogLine } from "../journal/format.ts";
import { newDict } from "../util/builtins.ts";
import type { ValueChange, ValuePolicy } from "../values/policy.ts";
import { boundedText } from "../values/thrown.ts";
import type { Invocation } from "./invocation.ts";

/** The changed values of one kind since the last report. */
interface Changes {
  /** The task and the place of the first value. */
  readonly call: Pick<Invocation, "id" | "attempt">;
  readonly place: string;
  count: number;
}

/** Counts changed values, and reports them as log lines. */
export class ValueNotes {
  // Without a prototype, to which user code may add keys.
  #changes: { [Kind in ValueChange]?: Changes } = newDict();

  /** Creates the notes of a worker. */
  constructor(readonly policy: ValuePolicy) {}

  /**
   * Counts a value.
   *
   * @param place the path of a result, or the text of a number in the arguments
   * @throws {RangeError} when such a value fails its task.
   */
  add(kind: ValueChange, call: Changes["call"], place: string): void {
    if (this.policy.failsNonFinite && (kind === "nonFinite" || kind === "infinite")) {
      throw new RangeError(FAILED[kind](boundedText(place, MAX_PLACE)));
    }
    const changes = this.#changes[kind];
    if (changes) changes.count++;
    else this.#changes[kind] = { call, place: boundedText(place, MAX_PLACE), count: 1 };
  }

  /** Returns a line for each kind of change since the last report. */
  take(): LogLine[] {
    const lines: LogLine[] = [];
    for (const kind in this.#changes) {
      const { call: { id, attempt }, place, count } = this.#changes[kind as ValueChange]!;
      const note = { kind: kind as ValueChange, count };
      lines[lines.length] = { id, attempt, stream: "stderr", text: place, note };
    }
    if (lines.length > 0) this.#changes = newDict();
    return lines;
  }
}

// In characters.
const MAX_PLACE = 200;

const FAILED = {
  nonFinite: (path: string) => `Cannot write ${path}: it is NaN or infinite, use null instead`,
  infinite: (text: string) => `Cannot read the argument: ${text} is too large for a number`,
} as const;
