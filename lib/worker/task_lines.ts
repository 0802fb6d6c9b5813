/**
 * The lines that a worker receives: the arguments of tasks.
 *
 * @module
 */

import { charCode, indexOfText, sliceText } from "../util/builtins.ts";
import { hasBigNumbers } from "../util/bytes/byte_scan.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseArguments } from "../values/big_numbers.ts";
import type { ValueChange, ValuePolicy } from "../values/policy.ts";

const ZERO = 48, NINE = 57;

/**
 * A cursor over lines of arguments, and the ids of their tasks.
 *
 * The current task is in fields of the cursor, so reading a line creates no object.
 */
export class TaskLines {
  /** The id of the current task, from 0; -1 before the first task. */
  id = -1;
  /** The current task's attempt, from 1. */
  attempt = 1;
  /** The number of tasks begun so far. */
  count = 0;
  /** True when arguments are read as JSON text. @default {false} */
  readsText = false;
  #text = "";
  #bytes!: Uint8Array;
  #at = 0;
  /** True when a line of the text may contain a big number; undefined when this is unknown. */
  #mayHaveBig: boolean | undefined;

  /**
   * Creates a cursor without lines.
   *
   * @param policy the treatment of big numbers
   * @param onChange called for each number that the function receives with another value
   */
  constructor(
    readonly policy: ValuePolicy,
    readonly onChange: (change: ValueChange, source: string) => void,
  ) {}

  /**
   * Sets the text to read: complete lines. The caller must first read all lines of the previous
   * text.
   *
   * @param bytes the text as UTF-8
   */
  load(text: string, bytes: Uint8Array): void {
    this.#text = text;
    this.#bytes = bytes;
    this.#at = 0;
    this.#mayHaveBig = undefined;
  }

  /** True when all lines have been read. */
  get isDone(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Sets the id and the attempt of the next task. The tasks after it have consecutive ids. */
  startAt(id: number, attempt: number): void {
    this.id = id - 1;
    this.attempt = attempt;
  }

  /**
   * Begins the next task. Call this before `readArgs`, because errors of `readArgs` are charged to
   * the current task.
   */
  begin(): void {
    this.id++;
    this.count++;
  }

  /**
   * Reads the arguments of the current task. A line with only digits is read without the JSON
   * parser.
   *
   * @throws {SyntaxError} when the line is not JSON.
   */
  readArgs(): unknown {
    const text = this.#text, start = this.#at;
    let at = start, value = 0, code = charCode(text, at);
    // JSON forbids leading zeros, and a number represents all integers of up to 15 digits exactly.
    if (code !== ZERO) {
      for (const most = start + 15; code >= ZERO && code <= NINE && at < most;) {
        value = 10 * value + code - ZERO;
        code = charCode(text, ++at);
      }
    }
    if (code === NEWLINE && at > start) {
      this.#at = at + 1;
      return value;
    }
    const end = indexOfText(text, "\n", at);
    this.#at = end + 1;
    const line = sliceText(text, start, end);
    if (this.readsText) return line;
    this.#mayHaveBig ??= hasBigNumbers(this.#bytes);
    return this.#mayHaveBig ? parseArguments(line, this.policy, this.onChange) : parseJson(line);
  }
}

/** Returns the error of a task whose arguments are not UTF-8. */
export function notUtf8(): TypeError {
  // Creating an error reads the source map of the program, which takes as long as starting a worker.
  return new TypeError("its arguments are not UTF-8; convert the list to UTF-8");
}
