/**
 * Results that wait for the results of earlier tasks, in bounded memory.
 *
 * @module
 */

import { JournalParts } from "../journal/reader.ts";

// The most characters of results that wait in memory.
const MOST_HELD = 32 * 1024 * 1024;

/** The place of a result in the journal. */
interface Place {
  readonly at: number;
  /** The length in bytes. */
  readonly length: number;
}

/**
 * Holds results by the ids of their tasks. When many wait, as after a retry of the first task, the
 * others are read again from the journal.
 */
export class WaitingResults implements Disposable {
  #results = new Map<number, string | Place>();
  #held = 0;
  #parts: JournalParts;

  /**
   * Creates an empty set of results.
   *
   * @param path the path of the journal
   * @param most the most characters that are held in memory before places are expected
   */
  constructor(readonly path: string, readonly most: number = MOST_HELD) {
    this.#parts = new JournalParts(path);
  }

  /** True when no more results may be held in memory. */
  get isFull(): boolean {
    return this.#held >= this.most;
  }

  /** Holds a result in memory. */
  hold(id: number, text: string): void {
    this.#held += text.length;
    this.#results.set(id, text);
  }

  /** Remembers the place of a result. */
  place(id: number, at: number, length: number): void {
    this.#results.set(id, { at, length });
  }

  /** Removes a result, and returns its text; `undefined` when the task has none. */
  take(id: number): string | undefined {
    const found = this.#results.get(id);
    if (found === undefined) return undefined;
    this.#results.delete(id);
    if (typeof found !== "string") return this.#read(found);
    this.#held -= found.length;
    return found;
  }

  #read({ at, length }: Place): string {
    const bytes = new Uint8Array(length);
    this.#parts.read(at, bytes);
    return new TextDecoder().decode(bytes);
  }

  [Symbol.dispose](): void {
    this.#parts[Symbol.dispose]();
  }
}
