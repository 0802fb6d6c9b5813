/**
 * A place in text that is read in chunks of bytes.
 *
 * @module
 */

/** Counts lines, and the columns of the last one in UTF-16 units, as editors and `JSON.parse` do. */
export class TextCursor {
  /** The index of the current byte in the chunk. */
  at = 0;
  /** The number of the line, from 1. */
  line = 1;
  #chunk: Uint8Array = new Uint8Array(0);
  /** The index of the first byte of the line, below zero in an earlier chunk. */
  #start = 0;
  #extra = 0;

  /** The column of the current byte, from 1. */
  get column(): number {
    return this.at - this.#start - this.#extra + 1;
  }

  /** The bytes of the chunk from the current one on. */
  get rest(): Uint8Array {
    return this.#chunk.subarray(this.at);
  }

  /** Begins a chunk. */
  begin(chunk: Uint8Array): void {
    this.#start -= this.#chunk.length;
    this.#chunk = chunk;
    this.at = 0;
  }

  /** Counts a line that ends with the current byte. */
  endLine(): void {
    this.line++;
    this.#start = this.at + 1;
    this.#extra = 0;
  }

  /** Counts a byte of a character that has several bytes. */
  wide(byte: number): void {
    if (byte < 0xc0) this.#extra++;
    // Such a character has two units.
    else if (byte >= 0xf0) this.#extra--;
  }
}
