/**
 * A buffer of lines whose last one is being written.
 *
 * @module
 */

import { NEWLINE } from "../../util/bytes/bytes.ts";
import type { LineNumbers } from "../line_numbers.ts";

/** The lines of records. A writer of single bytes changes `bytes` and `length` itself. */
export class RecordLines {
  /** The bytes; those from `length` on are free. */
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  /** The number of records that have ended. */
  count = 0;
  /** The text that takes the place of the record when it is broken. @default {""} */
  broken = "";
  #numbers: LineNumbers;
  #end = 0;

  constructor(numbers: LineNumbers) {
    this.#numbers = numbers;
  }

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

  /** Begins a record on a line of the file. */
  begin(line: number): void {
    this.#numbers.set(this.count, line);
  }

  /** Removes the bytes of the record that is being written. */
  drop(): void {
    this.length = this.#end;
  }

  /** Ends a record. */
  end(): void {
    if (this.broken !== "") this.#replace(this.broken);
    this.broken = "";
    this.bytes[this.length++] = NEWLINE;
    this.#end = this.length;
    this.count++;
  }

  /** Returns the complete lines, and removes them. */
  take(): Uint8Array {
    const lines = this.bytes.slice(0, this.#end);
    this.bytes.copyWithin(0, this.#end, this.length);
    this.length -= this.#end;
    this.#end = 0;
    return lines;
  }

  #replace(text: string): void {
    const bytes = new TextEncoder().encode(text), free = this.bytes.length - this.length;
    this.drop();
    // The caller has reserved the free bytes.
    this.reserve(bytes.length + free);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
}
