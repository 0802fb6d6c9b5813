/**
 * The lines that tell a worker its tasks.
 *
 * @module
 */

import { HEAD_MARK } from "../tasks/batch.ts";

const NEWLINE = 10, ZERO = 48, NINE = 57, HEAD_CODE = HEAD_MARK.charCodeAt(0);

/**
 * A cursor over lines of arguments, and the lines between them that say which task comes next.
 *
 * All fields of the cursor change for each task, so reading a line creates no object.
 */
export class TaskLines {
  /** The id of the task whose line was begun last. */
  id = -1;
  /** Its attempt, from 1. */
  attempt = 1;
  /** The number of tasks that were begun. */
  count = 0;
  #text = "";
  #at = 0;

  /** Continues with whole lines, when all lines before them have been read. */
  load(text: string): void {
    this.#text = text;
    this.#at = 0;
  }

  /** True when all lines have been read. */
  get isDone(): boolean {
    return this.#at >= this.#text.length;
  }

  /** True when the next line says which task comes after it. */
  get isAtHead(): boolean {
    return this.#text.charCodeAt(this.#at) === HEAD_CODE;
  }

  /** Reads a line that says which task comes next. */
  readHead(): void {
    const end = this.#text.indexOf("\n", this.#at);
    const [id, attempt] = this.#text.slice(this.#at + 1, end).split(" ").map(Number);
    this.#at = end + 1;
    this.id = id! - 1;
    this.attempt = attempt!;
  }

  /** Begins the next task: a failure to read its arguments is its own. */
  begin(): void {
    this.id++;
    this.count++;
  }

  /**
   * Reads the arguments of the task that was begun. A line of digits only needs no parser.
   *
   * @throws {SyntaxError} when the line is not JSON.
   */
  readArgs(): unknown {
    const text = this.#text, start = this.#at;
    let at = start, value = 0, code = text.charCodeAt(at);
    // JSON allows no zero before other digits, and a number holds 15 digits exactly.
    if (code !== ZERO) {
      for (const most = start + 15; code >= ZERO && code <= NINE && at < most;) {
        value = 10 * value + code - ZERO;
        code = text.charCodeAt(++at);
      }
    }
    if (code === NEWLINE && at > start) {
      this.#at = at + 1;
      return value;
    }
    const end = text.indexOf("\n", at);
    this.#at = end + 1;
    return JSON.parse(text.slice(start, end));
  }
}

/** Splits bytes into lines, each with its newline. */
export function splitLines(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0, end; start < block.length; start = end) {
    end = block.indexOf(NEWLINE, start) + 1;
    lines.push(block.subarray(start, end));
  }
  return lines;
}
