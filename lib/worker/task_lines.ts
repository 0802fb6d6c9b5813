/**
 * The lines that a worker receives: the arguments of tasks.
 *
 * @module
 */

const NEWLINE = 10, ZERO = 48, NINE = 57;

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
  #text = "";
  #at = 0;

  /**
   * Sets the text to read: complete lines. The caller must first read all lines of the previous
   * text.
   */
  load(text: string): void {
    this.#text = text;
    this.#at = 0;
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
    let at = start, value = 0, code = text.charCodeAt(at);
    // JSON forbids leading zeros, and a number represents all integers of up to 15 digits exactly.
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
