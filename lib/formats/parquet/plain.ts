/**
 * Decodes plain values one by one, so that the values of a page need no objects.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/data-pages/encodings/#plain-plain--0}
 *
 * @module
 */

import type { ParquetElement } from "../../deps.ts";

/** The values of a page, in order. */
export interface Values {
  /** Returns the next value. */
  next(): unknown;
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
  const [size, read] = READERS[type!] ?? [length, (_, at) => slice(bytes, at, length)];
  let at = -size;
  return { next: () => read(view, at += size) };
}

/** The size and the decoder of each type. */
const READERS: Readonly<
  Record<string, readonly [number, (view: DataView, at: number) => unknown]>
> = {
  BOOLEAN: [1, (view, bit) => ((view.getUint8(bit >> 3) >> (bit & 7)) & 1) === 1],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => view.getBigInt64(at, true)],
  INT96: [
    12,
    (view, at) => (BigInt(view.getInt32(at + 8, true)) << 64n) | view.getBigUint64(at, true),
  ],
  FLOAT: [4, (view, at) => view.getFloat32(at, true)],
  DOUBLE: [8, (view, at) => view.getFloat64(at, true)],
};

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
}

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError("a page ends early");
  return bytes.subarray(start, start + length);
}
