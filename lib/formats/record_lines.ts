/**
 * A buffer of lines whose last one is being written.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes.ts";

/** The lines of records. A writer of single bytes changes `bytes` and `length` itself. */
export class RecordLines {
  /** The bytes; those from `length` on are free. */
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  #end = 0;

  /** The beginning of the record that is being written. */
  get start(): number {
    return this.#end;
  }

  /** True when a complete line can be taken. */
  get hasLines(): boolean {
    return this.#end > 0;
  }

  /** Ensures that a number of bytes is free. */
  reserve(count: number): void {
    const least = this.length + count;
    if (least <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(least, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Ends a record. */
  end(): void {
    this.bytes[this.length++] = NEWLINE;
    this.#end = this.length;
  }

  /** Replaces the bytes of the record that is being written. */
  replace(text: string): void {
    const bytes = new TextEncoder().encode(text), free = this.bytes.length - this.length;
    this.length = this.#end;
    this.reserve(bytes.length + 1 + free);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Returns the complete lines, and removes them. */
  take(): Uint8Array {
    const lines = this.bytes.slice(0, this.#end);
    this.bytes.copyWithin(0, this.#end, this.length);
    this.length -= this.#end;
    this.#end = 0;
    return lines;
  }
}
