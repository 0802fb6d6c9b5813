/**
 * Buffers of bytes, which encode text and numbers as UTF-8.
 *
 * @module
 */

import {
  abs,
  asText,
  charCode,
  encodeInto,
  floor,
  indexOfByte,
  newBytes,
  setBytes,
  subarray,
} from "../builtins.ts";

/** The byte that ends a line (LF). */
export const NEWLINE = 10;
/** The end of a line, as bytes. */
export const NEWLINE_BYTES: Uint8Array = Uint8Array.of(NEWLINE);

const ZERO = 48, MINUS = 45;
/** For texts up to this length, a loop is faster than a call of the encoder. */
export const SHORT_TEXT = 64;
// Whole numbers below MAX_WHOLE are written digit by digit. They are split into two halves, because
// arithmetic with 32-bit integers is much faster.
const MAX_WHOLE = 1e15, HALF = 1e9, HALF_DIGITS = 9;
// The largest buffer that is kept for other content, in bytes.
const MOST_KEPT = 8 * 1024 * 1024;

/**
 * A byte buffer that grows as needed.
 *
 * @example
 * ```ts
 * import { ByteWriter } from "./bytes.ts";
 *
 * const writer = new ByteWriter(16);
 * writer.text("ü");
 * writer.number(-12.5);
 * const text = new TextDecoder().decode(writer.bytes);
 * if (text !== "ü-12.5") throw new Error(text);
 * ```
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #size: number;
  /** The number of bytes written so far. */
  length = 0;

  /**
   * Creates an empty buffer.
   *
   * @param size the capacity at the start, in bytes
   */
  constructor(size: number) {
    this.#size = size;
    this.#bytes = newBytes(size);
  }

  /** The bytes written so far, valid until the next change. */
  get bytes(): Uint8Array {
    return subarray(this.#bytes, 0, this.length);
  }

  /** Adds one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Adds bytes. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    setBytes(this.#bytes, bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds a short part of bytes. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const to = this.#bytes;
    let at = this.length;
    for (let i = start; i < end; i++) to[at++] = bytes[i]!;
    this.length = at;
  }

  /** Adds a text as UTF-8. */
  text(text: string): void {
    this.#reserve(3 * text.length);
    if (text.length > SHORT_TEXT) return this.#encode(text);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = charCode(text, i);
      if (code > 127) return this.#encode(text);
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** Adds a number as JSON text. */
  number(value: number): void {
    const whole = abs(value);
    if (!(whole < MAX_WHOLE) || floor(whole) !== whole) return this.text(numberText(value));
    if (value < 0) this.byte(MINUS);
    this.#reserve(2 * HALF_DIGITS);
    if (whole < HALF) return this.#digits(whole | 0, countDigits(whole | 0));
    const high = floor(whole / HALF);
    this.#digits(high | 0, countDigits(high | 0));
    this.#digits((whole - high * HALF) | 0, HALF_DIGITS);
  }

  /** Removes all bytes, and keeps the memory unless there is very much of it. */
  clear(): void {
    this.length = 0;
    if (this.#bytes.length > MOST_KEPT) this.#bytes = newBytes(this.#size);
  }

  #encode(text: string): void {
    this.length += encodeInto(text, subarray(this.#bytes, this.length)).written;
  }

  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += count;
  }

  #reserve(size: number): void {
    if (this.length + size <= this.#bytes.length) return;
    const least = this.length + size, double = 2 * this.#bytes.length;
    const larger = newBytes(least > double ? least : double);
    setBytes(larger, this.bytes);
    this.#bytes = larger;
  }
}

/**
 * Returns a buffer for at least `size` bytes: the given one, or another one when it is too small or
 * much too large.
 */
export function fitBuffer(buffer: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const { length } = buffer;
  if (length >= size && (length <= MOST_KEPT || length <= 2 * size)) return buffer;
  return newBytes(2 * size > MOST_KEPT ? size : 2 * size);
}

function countDigits(value: number): number {
  let count = 1;
  for (let power = 10; power <= value; power *= 10) count++;
  return count;
}

/** Converts a number to the same text as `JSON.stringify`, in half the time. */
function numberText(value: number): string {
  return value - value === 0 ? asText(value) : "null";
}

/** Concatenates arrays of bytes. A single array is returned without a copy. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += parts[i]!.length;
  const whole = newBytes(length);
  for (let i = 0, at = 0; i < parts.length; i++) {
    setBytes(whole, parts[i]!, at);
    at += parts[i]!.length;
  }
  return whole;
}

/** Splits bytes into lines, each with its newline. The last byte must be a newline. */
export function splitLines(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0, end; start < block.length; start = end) {
    end = indexOfByte(block, NEWLINE, start) + 1;
    lines[lines.length] = subarray(block, start, end);
  }
  return lines;
}

/** Returns true when two arrays have the same bytes. */
export function hasSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  // A loop is many times faster than `every()`, which calls a function for each byte.
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
