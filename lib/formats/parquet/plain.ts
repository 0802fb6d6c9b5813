/**
 * Decodes plain values one by one, so that the values of a page need no objects.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/data-pages/encodings/#plain-plain--0}
 *
 * @module
 */

import type { ParquetElement } from "../../deps.ts";
import type { ByteWriter } from "../../util/bytes/bytes.ts";

/** The values of a page, in order. */
export interface Values {
  /** Returns the next value. Bytes are valid until the next call. */
  next(): unknown;
  /**
   * Writes the next value as a JSON string, if it is a text whose bytes are the same in JSON. The
   * text then needs no object. Returns false without moving on for any other value.
   */
  copyText?(out: ByteWriter): boolean;
}

/**
 * Returns the values that bytes contain. `next()` throws a RangeError when the bytes end early.
 *
 * @example
 * ```ts
 * import { plainValues } from "./plain.ts";
 *
 * const values = plainValues(Uint8Array.of(1, 0, 0, 0, 65), { name: "a", type: "BYTE_ARRAY" });
 * if (String(values.next()) !== "65") throw new Error("no bytes");
 * ```
 */
export function plainValues(
  bytes: Uint8Array,
  { type, type_length: length = 0 }: ParquetElement,
): Values {
  if (type === "BYTE_ARRAY") return new Texts(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [size, read] = READERS[type!] ?? [length, fixedReader(bytes, length)];
  let at = -size;
  return { next: () => read(view, at += size) };
}

/** Returns the number of bytes of a value; `undefined` when values have different sizes. */
export function plainSize({ type, type_length: length }: ParquetElement): number | undefined {
  return type === "BYTE_ARRAY" ? undefined : READERS[type!]?.[0] ?? length;
}

/** The size and the decoder of each type. */
const READERS: Readonly<
  Record<string, readonly [number, (view: DataView, at: number) => unknown]>
> = {
  BOOLEAN: [1, (view, bit) => ((view.getUint8(bit >> 3) >> (bit & 7)) & 1) === 1],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, readInt64],
  INT96: [
    12,
    (view, at) => (BigInt(view.getInt32(at + 8, true)) << 64n) | view.getBigUint64(at, true),
  ],
  FLOAT: [4, (view, at) => view.getFloat32(at, true)],
  DOUBLE: [8, (view, at) => view.getFloat64(at, true)],
};

/** Returns a decoder of values of a fixed length, which takes the same memory for each value. */
function fixedReader(bytes: Uint8Array, length: number): (_: DataView, at: number) => Uint8Array {
  const value = new Uint8Array(length);
  return (_, at) => {
    if (at + length > bytes.length) throw new RangeError("a page ends early");
    for (let i = 0; i < length; i++) value[i] = bytes[at + i]!;
    return value;
  };
}

// Numbers are exact up to 2^53.
const MAX_HIGH = 2 ** 21;

/** Reads an integer as a number where that is exact, because most integers are small. */
function readInt64(view: DataView, at: number): number | bigint {
  const high = view.getInt32(at + 4, true);
  if (high < -MAX_HIGH || high >= MAX_HIGH) return view.getBigInt64(at, true);
  return high * 2 ** 32 + view.getUint32(at, true);
}

const SPACE = 32, QUOTE = 34, BACKSLASH = 92, LAST_ASCII = 126;

class Texts implements Values {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): Uint8Array {
    const length = this.#view.getUint32(this.#at, true), start = this.#at + 4;
    this.#at = start + length;
    return slice(this.#bytes, start, length);
  }

  copyText(out: ByteWriter): boolean {
    const start = this.#at + 4, end = start + this.#view.getUint32(this.#at, true);
    if (end > this.#bytes.length || !isPlain(this.#bytes, start, end)) return false;
    this.#at = end;
    out.byte(QUOTE);
    out.copy(this.#bytes, start, end);
    out.byte(QUOTE);
    return true;
  }
}

/** Returns true for bytes of ASCII that JSON writes as they are. */
export function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < SPACE || byte > LAST_ASCII || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError("a page ends early");
  return bytes.subarray(start, start + length);
}
