/**
 * The lines of results, which a worker collects for a block.
 *
 * @module
 */

import { ByteWriter, NEWLINE } from "../util/bytes/bytes.ts";

// Joining a text to others costs less than a call of the encoder for lengths between these, and
// less than a loop over its characters above the first.
const JOINED_FROM = 64, JOINED_TO = 512;

/** Lines that end with a newline. Texts of some length are joined first, and encoded together. */
export class ResultLines {
  #bytes: ByteWriter;
  /** The lines that follow the bytes. */
  #text = "";

  /**
   * Creates an empty list of lines.
   *
   * @param size the capacity at the start, in bytes
   */
  constructor(size: number) {
    this.#bytes = new ByteWriter(size);
  }

  /** The size in bytes, or less while there are texts that are not ASCII. */
  get length(): number {
    return this.#bytes.length + this.#text.length;
  }

  /** The lines so far, valid until the next change. */
  get bytes(): Uint8Array {
    this.#encode();
    return this.#bytes.bytes;
  }

  /** Adds a number. */
  number(value: number): void {
    if (this.#text !== "") this.#encode();
    this.#bytes.number(value);
    this.#bytes.byte(NEWLINE);
  }

  /** Adds a text without a newline. */
  text(text: string): void {
    const isJoined = text.length > JOINED_FROM ? text.length < JOINED_TO : this.#text !== "";
    if (isJoined) {
      this.#text += text + "\n";
      return;
    }
    if (this.#text !== "") this.#encode();
    this.#bytes.text(text);
    this.#bytes.byte(NEWLINE);
  }

  /** Removes all lines. */
  clear(): void {
    this.#text = "";
    this.#bytes.clear();
  }

  #encode(): void {
    this.#bytes.text(this.#text);
    this.#text = "";
  }
}
