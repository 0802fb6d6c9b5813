/**
 * Converts numbers of Parquet that JavaScript has no type for.
 *
 * @module
 */

import type { ByteWriter } from "../../util/bytes/bytes.ts";

// An integer of at most this number of bytes is exact as a number.
const EXACT_BYTES = 6;

/**
 * Returns the integer that big-endian bytes contain in two's complement, as a number where that is
 * exact: most integers are small, and a bigint needs memory.
 */
export function fromBytes(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const sign = bytes[0]! << 24 >> 31, start = Math.max(0, bytes.length - EXACT_BYTES);
  let isSmall = start === 0 || (bytes[start]! << 24 >> 31) === sign;
  for (let i = 0; isSmall && i < start; i++) isSmall = bytes[i] === (sign & 255);
  if (isSmall) {
    let value = sign;
    for (let i = start; i < bytes.length; i++) value = value * 256 + bytes[i]!;
    return value;
  }
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toHex()}`));
}

/**
 * Returns the text of a decimal number, with all digits after the point.
 *
 * @example
 * ```ts
 * import { decimalText } from "./numbers.ts";
 *
 * const text = decimalText(-5n, 2);
 * if (text !== "-0.05") throw new Error(text);
 * ```
 */
export function decimalText(digits: bigint, scale: number): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale));
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  return `${digits < 0n ? "-" : ""}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

const DOT = 46, ZERO = 48, MINUS = 45, MOST_SCALE = 15;

/** Writes the text of a decimal number as {@linkcode decimalText}, of a safe integer. */
export function writeDecimal(out: ByteWriter, digits: number, scale: number): void {
  if (scale <= 0 || scale > MOST_SCALE) return out.text(decimalText(BigInt(digits), scale));
  const unit = 10 ** scale, value = Math.abs(digits);
  let whole = Math.floor(value / unit);
  // The quotient is rounded, perhaps to the next integer.
  if (whole * unit > value) whole--;
  const rest = value - whole * unit;
  if (digits < 0) out.byte(MINUS);
  out.number(whole);
  out.byte(DOT);
  for (let more = unit / 10; more > rest && more > 1; more /= 10) out.byte(ZERO);
  out.number(rest);
}

// JSON writes smaller numbers with an exponent. At most one decimal number of at most 15 digits has
// a value, so it is what JSON writes.
const MOST_DECIMALS = 6, LEAST = 10 ** -MOST_DECIMALS, MOST_DIGITS = 10 ** 15;

/**
 * Writes a number that is not an integer as JSON does, if it has few digits. That needs no memory and
 * is faster than a text. Returns false without writing for any other number.
 */
export function writeShortFloat(out: ByteWriter, value: number): boolean {
  const unit = 10 ** MOST_DECIMALS;
  let digits = Math.round(value * unit);
  if (digits / unit !== value) return false;
  const size = Math.abs(value);
  if (size < LEAST || Math.abs(digits) >= MOST_DIGITS) return false;
  let scale = MOST_DECIMALS;
  for (; digits % 10 === 0; scale--) digits /= 10;
  writeDecimal(out, digits, scale);
  return true;
}

/** Returns the number that two bytes contain. */
export function float16(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 2).getFloat16(0, true);
}

/** Returns an interval of months, days and milliseconds as ISO 8601 text. */
export function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const [months, days, ms] = [0, 4, 8].map((at) => view.getUint32(at, true));
  return `P${months}M${days}DT${ms! / 1000}S`;
}

const JULIAN_DAY_OF_1970 = 2440588n, NANOS_A_DAY = 86_400_000_000_000n;

/** Converts an old timestamp, a Julian day and nanoseconds, to nanoseconds since 1970. */
export function int96Nanos(value: bigint): bigint {
  const day = value >> 64n, nanos = BigInt.asUintN(64, value);
  return (day - JULIAN_DAY_OF_1970) * NANOS_A_DAY + nanos;
}
