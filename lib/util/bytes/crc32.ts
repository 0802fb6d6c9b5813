/**
 * The checksum CRC-32.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952#section-8
 *
 * @module
 */

import { scanCrc32 } from "./byte_scan.ts";
import { nodeModule } from "../node_module.ts";

type Crc32 = (bytes: Uint8Array, seed: number) => number;

// Loading `node:zlib` takes as long as the native function saves for this number of bytes.
const NATIVE_FROM = 48 * 1024 * 1024;

let native: Crc32 | undefined;
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
  return native ? native(bytes, seed) : scanCrc32(bytes, seed);
}

/** Returns the CRC-32 of a text in UTF-8. */
export function crc32Text(text: string): number {
  return crc32(new TextEncoder().encode(text));
}
