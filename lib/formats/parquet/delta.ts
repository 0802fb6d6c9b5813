/**
 * Decodes 32-bit integers that are encoded as differences.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/data-pages/encodings/#delta-encoding-delta_binary_packed--5}
 *
 * @module
 */

import type { Values } from "./plain.ts";

/**
 * The integers of a page. The package's own decoder reads a wrong first value when a program has
 * written an unsigned integer of more than 31 bits.
 */
export class DeltaIntegers implements Values {
  #bytes: Uint8Array;
  #at = 0;
  /** The number of values in a part of a block. */
  #partSize: number;
  #partCount: number;
  #value: number;
  #isFirst = true;
  /** The numbers of bits of the differences in each part of the block. */
  #widths: Uint8Array = new Uint8Array(0);
  #part = 0;
  #minDelta = 0;
  /** The number of values that the current part still has. */
  #rest = 0;
  #bit = 0;

  /** Reads the head of the page. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const blockSize = this.#varint();
    this.#partCount = this.#varint();
    this.#partSize = blockSize / this.#partCount;
    this.#varint();
    this.#value = this.#zigzag();
  }

  /**
   * Returns the next integer.
   *
   * @throws {RangeError} when the bytes end early.
   */
  next(): number {
    if (this.#isFirst) {
      this.#isFirst = false;
      return this.#value | 0;
    }
    if (this.#rest === 0) this.#nextPart();
    this.#rest--;
    // The sum is exact below 2^53, and the integers wrap at 2^32.
    return this.#value = (this.#value + this.#minDelta + this.#unpack()) | 0;
  }

  #nextPart(): void {
    // The last part is padded.
    if (this.#bit > 0) this.#at++;
    this.#bit = 0;
    if (++this.#part >= this.#widths.length) {
      this.#minDelta = this.#zigzag();
      this.#widths = this.#bytes.subarray(this.#at, this.#at += this.#partCount);
      this.#part = 0;
    }
    this.#rest = this.#partSize;
  }

  #unpack(): number {
    const width = this.#widths[this.#part] ?? 0;
    let value = 0;
    for (let done = 0; done < width;) {
      const count = Math.min(8 - this.#bit, width - done);
      const bits = (this.#byte(this.#at) >> this.#bit) & ((1 << count) - 1);
      value += bits * 2 ** done;
      done += count;
      this.#bit += count;
      if (this.#bit === 8) this.#at++, this.#bit = 0;
    }
    return value;
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.#byte(this.#at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  #byte(at: number): number {
    if (at >= this.#bytes.length) throw new RangeError("a page ends early");
    return this.#bytes[at]!;
  }
}
