/**
 * The line and the column of a byte of text.
 *
 * @module
 */

/** Counts lines, and the columns of the last one in UTF-16 units, as editors and `JSON.parse` do. */
export class TextPosition {
  /** The number of the line, from 1. */
  line = 1;
  #start = 0;
  #extra = 0;

  /** Counts a line that ends before the byte at an offset. */
  newline(offset: number): void {
    this.line++;
    this.#start = offset;
    this.#extra = 0;
  }

  /** Counts a byte of a character that has several bytes. */
  wide(byte: number): void {
    if (byte < 0xc0) this.#extra++;
    // Such a character has two units.
    else if (byte >= 0xf0) this.#extra--;
  }

  /** Returns the column of the byte at an offset, from 1. */
  column(offset: number): number {
    return offset - this.#start - this.#extra + 1;
  }
}
