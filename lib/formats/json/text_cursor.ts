/**
 * A place in text that is read in chunks of bytes.
 *
 * @module
 */

import { badRecord } from "../format.ts";

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

  /**
   * Creates a cursor before the first chunk.
   *
   * @param name the name of the file, for messages
   */
  constructor(readonly name: string) {}

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

  /** Returns a bad record for an error at the current byte. */
  error(reason: string): string {
    const column = this.at - this.#start - this.#extra + 1;
    return badRecord(`${this.name}:${this.line}`, column, reason);
  }

  /** Counts a byte of a character that has several bytes. */
  wide(byte: number): void {
    if (byte < 0xc0) this.#extra++;
    // Such a character has two units.
    else if (byte >= 0xf0) this.#extra--;
  }
}
