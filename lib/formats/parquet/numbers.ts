/**
 * Converts numbers of Parquet that JavaScript has no type for.
 *
 * @module
 */

/** Returns the integer that big-endian bytes contain in two's complement. */
export function fromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
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
