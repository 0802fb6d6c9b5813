/**
 * The line of one success, in the format of the journal.
 *
 * @module
 */

const ZERO = 48, NINE = 57, DOT = 46, BRACE = 125, SPACE = 32;
// With at most 15 digits, every number is a safe integer.
const MAX_DIGITS = 15;
const [ID, ATTEMPT, MS, RESULT] = ['{"id":', ',"attempt":', ',"ms":', ',"result":'].map((key) =>
  new TextEncoder().encode(key)
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/**
 * A parser of lines that `successLine` in `lib/journal/format.ts` writes. The values are in fields
 * of the parser, so parsing creates no object.
 */
export class SuccessLine {
  /** The task's id. */
  id = 0;
  /** The attempt, from 1. */
  attempt = 1;
  /** The offset of the result. */
  result = 0;
  /** The offset after the result. */
  end = 0;
  #bytes!: Uint8Array;
  #at = 0;

  /**
   * Parses a line, which ends with a newline.
   *
   * @returns false when the line has any other format
   */
  parse(line: Uint8Array): boolean {
    this.#bytes = line;
    this.#at = 0;
    this.attempt = 1;
    if (!this.#skip(ID)) return false;
    this.id = this.#number();
    if (this.#skip(ATTEMPT)) this.attempt = this.#number();
    const isTimed = !this.#skip(MS) || this.#skipTime();
    if (!isTimed || this.id < 0 || this.attempt < 1 || !this.#skip(RESULT)) return false;
    this.result = this.#at;
    this.end = line.length - 2;
    return line[this.end] === BRACE && this.end > this.#at && line[this.#at]! > SPACE;
  }

  /** Moves behind a text, or returns false when the line continues with another text. */
  #skip(text: Uint8Array): boolean {
    for (let i = 0; i < text.length; i++) if (this.#bytes[this.#at + i] !== text[i]) return false;
    this.#at += text.length;
    return true;
  }

  /** Returns the whole number at the cursor, or -1. */
  #number(): number {
    const start = this.#at;
    let value = 0;
    for (let byte; (byte = this.#bytes[this.#at]!) >= ZERO && byte <= NINE; this.#at++) {
      value = value * 10 + byte - ZERO;
    }
    const digits = this.#at - start, isPadded = digits > 1 && this.#bytes[start] === ZERO;
    return digits === 0 || digits > MAX_DIGITS || isPadded ? -1 : value;
  }

  /** Moves behind a time in milliseconds, which has at most one digit after the dot. */
  #skipTime(): boolean {
    if (this.#number() < 0) return false;
    if (this.#bytes[this.#at] !== DOT) return true;
    this.#at++;
    const tenths = this.#number();
    return tenths >= 0 && tenths <= 9;
  }
}
