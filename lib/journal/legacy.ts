/**
 * Reads journals of version 2, which have no checksums.
 *
 * @module
 */

import { countNewlines, headAt } from "./scan.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { EventChecker } from "./check.ts";
import type { Damage } from "./frames.ts";

/**
 * Finds the events of a journal without checksums. The first event that cannot be correct ends the
 * part that is believed.
 */
export class LegacyScanner {
  /** The damaged part of the file, if any. */
  readonly damages: Damage[] = [];
  /** The incomplete event at the end of the file, which its writer did not finish. */
  tail: Damage | undefined;
  #at = 0;
  #header: number;
  #checker = new EventChecker();

  /**
   * Creates a scanner for the start of a journal.
   *
   * @param header the length of the header line, in bytes
   */
  constructor(header: number) {
    this.#header = header;
  }

  /**
   * Reads the events at the start of a part of the file. The next part must begin with the bytes
   * that were not used.
   *
   * @returns the events, which share the memory of `bytes`, and the number of bytes used.
   */
  take(bytes: Uint8Array): { events: Uint8Array[]; used: number } {
    const from = this.#at === 0 ? this.#header : 0;
    const events = bytes.subarray(from, from + this.#check(bytes.subarray(from)));
    const used = this.#checker.problem === undefined ? from + events.length : bytes.length;
    if (this.#checker.problem !== undefined) this.#extend(from + events.length, bytes.length);
    this.#at += used;
    return { events: [events], used };
  }

  /** Reads the last part of the file, which contains no whole event. */
  end(rest: Uint8Array): Uint8Array[] {
    if (rest.length === 0) return [];
    const left = { at: this.#at, bytes: rest.length };
    if (isTorn(rest)) this.tail = left;
    else this.damages.push(left);
    return [];
  }

  #check(bytes: Uint8Array): number {
    return this.#checker.problem === undefined ? this.#checker.check(bytes) : 0;
  }

  /** Extends the damaged part to the end of the bytes. */
  #extend(from: number, to: number): void {
    const [known = { at: this.#at + from, bytes: 0 }] = this.damages;
    this.damages[0] = { at: known.at, bytes: this.#at + to - known.at };
  }
}

/** Returns true for the start of an event; false when more lines follow than the event can have. */
function isTorn(rest: Uint8Array): boolean {
  const newline = rest.indexOf(NEWLINE), head = headAt(rest, 0, newline);
  return newline < 0 || (head !== undefined && countNewlines(rest, newline + 1) <= head.count);
}
