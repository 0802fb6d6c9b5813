/**
 * The checksum CRC-32.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952#section-8
 *
 * @module
 */

import { nodeModule } from "./node_module.ts";

type Crc32 = (bytes: Uint8Array, seed: number) => number;

// Loading `node:zlib` takes as long as the loop below takes for this number of bytes.
const NATIVE_FROM = 16 * 1024 * 1024;
const POLYNOMIAL = 0xedb88320;
// The loop reads this number of bytes at a time, with one table of 256 numbers for each.
const SLICE = 16;

let native: Crc32 | undefined;
let table: Int32Array | undefined;
let hashed = 0;

/**
 * Returns the CRC-32 of bytes.
 *
 * @example
 * ```ts
 * import { crc32 } from "./crc32.ts";
 *
 * const sum = crc32(new TextEncoder().encode("123456789"));
 * if (sum !== 0xcbf43926) throw new Error(String(sum));
 * ```
 *
 * @param seed the checksum of the bytes before these. @default {0}
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  hashed += bytes.length;
  if (native === undefined && hashed > NATIVE_FROM) {
    native = nodeModule<{ crc32: Crc32 }>("node:zlib").crc32;
  }
  return native ? native(bytes, seed) : slicedCrc32(bytes, seed);
}

/** Returns the CRC-32 of a text in UTF-8. */
export function crc32Text(text: string): number {
  return crc32(new TextEncoder().encode(text));
}

/** Computes the CRC-32 of bytes without the native function. */
export function slicedCrc32(bytes: Uint8Array, seed: number): number {
  const t = table ??= makeTable(), end = bytes.length - SLICE;
  let sum = ~seed, i = 0;
  for (; i <= end; i += SLICE) {
    const x = sum ^ (bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 | bytes[i + 3]! << 24);
    sum = t[3840 + (x & 255)]! ^ t[3584 + (x >>> 8 & 255)]! ^ t[3328 + (x >>> 16 & 255)]! ^
      t[3072 + (x >>> 24)]! ^ t[2816 + bytes[i + 4]!]! ^ t[2560 + bytes[i + 5]!]! ^
      t[2304 + bytes[i + 6]!]! ^ t[2048 + bytes[i + 7]!]! ^ t[1792 + bytes[i + 8]!]! ^
      t[1536 + bytes[i + 9]!]! ^ t[1280 + bytes[i + 10]!]! ^ t[1024 + bytes[i + 11]!]! ^
      t[768 + bytes[i + 12]!]! ^ t[512 + bytes[i + 13]!]! ^ t[256 + bytes[i + 14]!]! ^
      t[bytes[i + 15]!]!;
  }
  for (; i < bytes.length; i++) sum = t[(sum ^ bytes[i]!) & 255]! ^ sum >>> 8;
  return ~sum >>> 0;
}

function makeTable(): Int32Array {
  const made = new Int32Array(256 * SLICE);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >>> 1 ^ POLYNOMIAL : sum >>> 1;
    made[byte] = sum;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256]!;
    made[i] = before >>> 8 ^ made[before & 255]!;
  }
  return made;
}
