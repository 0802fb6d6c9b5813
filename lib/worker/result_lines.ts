/**
 * The lines of results, which a worker collects for a block.
 *
 * @module
 */

import { ByteWriter, NEWLINE, SHORT_TEXT } from "../util/bytes/bytes.ts";

// Copying a longer text twice costs more than a call of the encoder.
const LONG = 512;

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
    this.#encode();
    this.#bytes.number(value);
    this.#bytes.byte(NEWLINE);
  }

  /** Adds a text without a newline. */
  text(text: string): void {
    const isJoined = text.length > SHORT_TEXT ? text.length < LONG : this.#text !== "";
    if (isJoined) {
      this.#text += text + "\n";
      return;
    }
    this.#encode();
    this.#bytes.text(text);
    this.#bytes.byte(NEWLINE);
  }

  /** Removes all lines. */
  clear(): void {
    this.#text = "";
    this.#bytes.clear();
  }

  #encode(): void {
    if (this.#text === "") return;
    this.#bytes.text(this.#text);
    this.#text = "";
  }
}
