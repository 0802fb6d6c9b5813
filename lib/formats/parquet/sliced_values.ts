/**
 * Decodes the plain values of a long page, slice by slice.
 *
 * @module
 */

import type { ParquetElement } from "../../deps.ts";
import type { ByteWriter } from "../../util/bytes/bytes.ts";
import { plainSize, plainValues, type Values } from "./plain.ts";
import type { SnappySlices } from "./snappy_slices.ts";

/** The values of a page that is decompressed as they are read. */
export class SlicedValues implements Values {
  #slices: SnappySlices;
  #element: ParquetElement;
  #values: Values | undefined;
  /** The number of values in the slice that have not been read. */
  #rest = 0;
  #used = 0;

  /** Creates the values of a page from which its levels have been read. */
  constructor(slices: SnappySlices, element: ParquetElement) {
    this.#slices = slices;
    this.#element = element;
  }

  next(): unknown {
    if (this.#rest === 0) this.#read();
    this.#rest--;
    return this.#values!.next();
  }

  copyText(out: ByteWriter): boolean {
    if (this.#rest === 0) this.#read();
    const isCopied = this.#values!.copyText?.(out) === true;
    if (isCopied) this.#rest--;
    return isCopied;
  }

  #read(): void {
    while (this.#rest === 0) {
      const bytes = this.#slices.more(this.#used), whole = wholeValues(bytes, this.#element);
      [this.#rest, this.#used] = whole;
      this.#values = plainValues(bytes.subarray(0, this.#used), this.#element);
    }
  }
}

/** Returns the number of whole values at the start of bytes, and the number of their bytes. */
function wholeValues(bytes: Uint8Array, element: ParquetElement): [count: number, used: number] {
  const size = plainSize(element);
  if (size !== undefined) {
    const count = Math.floor(bytes.length / size);
    return [count, count * size];
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0, used = 0;
  while (used + 4 <= bytes.length) {
    const end = used + 4 + view.getUint32(used, true);
    if (end > bytes.length) break;
    used = end;
    count++;
  }
  return [count, used];
}
