/**
 * Decodes small integers one by one, so that the integers of a page need no memory.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3}
 *
 * @module
 */

/**
 * A reader of integers that are encoded as runs of equal values and as groups of packed bits.
 *
 * @example
 * ```ts
 * import { RunReader } from "./runs.ts";
 *
 * // Three times 2, then eight packed values of 2 bits each.
 * const reader = new RunReader(Uint8Array.of(6, 2, 3, 0b11_10_01_00, 0), 2);
 * const values = Array.from({ length: 7 }, () => reader.next());
 * if (values.join() !== "2,2,2,0,1,2,3") throw new Error(values.join());
 * ```
 */
export class RunReader {
  #bytes: Uint8Array;
  #width: number;
  #at = 0;
  /** The number of values that the current run still has. */
  #rest = 0;
  #isPacked = false;
  /** The value of a run of equal values. */
  #value = 0;
  /** Bits that have been read but belong to later values. */
  #bits = 0;
  #bitCount = 0;

  /**
   * Creates a reader.
   *
   * @param bytes the encoded values
   * @param width the number of bits of a value, from 0 to 32
   */
  constructor(bytes: Uint8Array, width: number) {
    this.#bytes = bytes;
    this.#width = width;
  }

  /**
   * Returns the next value.
   *
   * @throws {RangeError} when the bytes end early.
   */
  next(): number {
    if (this.#width === 0) return 0;
    while (this.#rest === 0) this.#nextRun();
    this.#rest--;
    return this.#isPacked ? this.#unpack() : this.#value;
  }

  #nextRun(): void {
    const header = this.#varint();
    this.#isPacked = (header & 1) === 1;
    this.#rest = this.#isPacked ? (header >>> 1) * 8 : header >>> 1;
    this.#bits = this.#bitCount = 0;
    this.#value = 0;
    if (this.#isPacked) return;
    for (let shift = 0; shift < this.#width; shift += 8) this.#value |= this.#byte() << shift;
  }

  #unpack(): number {
    const width = this.#width;
    let value = this.#bits, count = this.#bitCount;
    while (count < width) {
      const byte = this.#byte();
      value |= byte << count;
      // Bits that do not fit into the value are those of the next one.
      this.#bits = byte >>> Math.max(width - count, 0);
      count += 8;
    }
    if (this.#bitCount >= width) this.#bits = value >>> width;
    this.#bitCount = count - width;
    return width === 32 ? value : value & ((1 << width) - 1);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw new RangeError("a page ends early");
    return this.#bytes[this.#at++]!;
  }
}
