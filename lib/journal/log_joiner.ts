/**
 * Whole lines from the pieces that tasks write.
 *
 * @module
 */

import type { LogLine } from "./format.ts";

// Memory limits for unfinished lines: the number of lines, and the characters per line.
const MAX_LINES = 1000, MAX_LENGTH = 64 * 1024;

/** Joins the pieces of a line, which a task may write one after the other. */
export class LogJoiner {
  /** The unfinished lines, each with the time of its first piece. */
  #open = new Map<string, LogLine>();

  /** True while a line is unfinished. */
  get hasOpen(): boolean {
    return this.#open.size > 0;
  }

  /**
   * Adds a piece of the log.
   *
   * @returns the text that is complete now: at most one element for the whole lines of this task,
   * and unfinished lines of other tasks when there are too many of them.
   */
  add(piece: LogLine): readonly LogLine[] {
    if (piece.stream === "log") return [piece];
    const { id, attempt, stream } = piece, key = `${id} ${attempt} ${stream}`;
    const before = this.#open.get(key);
    if (!before && piece.text.endsWith("\n")) return [piece];
    const text = (before?.text ?? "") + piece.text;
    const newline = text.lastIndexOf("\n") + 1;
    // A long line is returned before it is complete.
    const end = newline === 0 && text.length > MAX_LENGTH ? text.length : newline;
    this.#open.delete(key);
    const first = before ?? piece, rest = newline > 0 ? piece : first;
    if (end < text.length) this.#open.set(key, { ...rest, text: text.slice(end) });
    const whole = end > 0 ? [{ ...first, text: text.slice(0, end) }] : [];
    return this.#open.size > MAX_LINES ? [...whole, ...this.takeRest()] : whole;
  }

  /** Returns the unfinished lines, and forgets them. */
  takeRest(): readonly LogLine[] {
    const rest = [...this.#open.values()];
    this.#open.clear();
    return rest;
  }
}
