/**
 * Decompresses pages of Parquet files.
 *
 * @module
 */

import { loadParquetCodecs, type Parquet, type ParquetFooter } from "../../deps.ts";
import type { SliceMemory } from "./snappy_slices.ts";

/** The functions that decompress pages, by codec. */
export type Codecs = NonNullable<Parameters<Parquet["decompressPage"]>[3]>;

const PLAIN = ["UNCOMPRESSED", "SNAPPY"], PACKAGE = ["GZIP", "BROTLI", "ZSTD", "LZ4", "LZ4_RAW"];

/** Returns true for a codec that can be read. */
export function isKnownCodec(codec: string): boolean {
  return PLAIN.includes(codec) || PACKAGE.includes(codec);
}

/** Loads the codecs that a file needs, except Snappy. */
export async function loadCodecs({ row_groups }: ParquetFooter): Promise<Codecs | undefined> {
  const needsPackage = row_groups.some(({ columns }) =>
    columns.some(({ meta_data }) => PACKAGE.includes(meta_data!.codec))
  );
  return needsPackage ? withOldLz4((await loadParquetCodecs()).compressors) : undefined;
}

/**
 * Reads `LZ4`, the older of two codecs, with and without frames. Some programs wrote no frames, and a
 * block without them may look like a frame whose content is then damaged.
 */
function withOldLz4(codecs: Codecs): Codecs {
  const LZ4 = (bytes: Uint8Array, size: number) => {
    try {
      return codecs.LZ4!(bytes, size);
    } catch {
      return codecs.LZ4_RAW!(bytes, size);
    }
  };
  return { ...codecs, LZ4 };
}

/** Memory that is used for one page after the other. */
export class PageMemory {
  #bytes = new Uint8Array(0);

  /** Returns bytes, whose content is valid until the next call. */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes.subarray(0, size);
  }
}

/** The codecs of one column, and the memory that holds a page of it. */
export interface ColumnMemory {
  readonly compressors: Codecs;
  /** Holds a page as it is in the file. */
  readonly page: PageMemory;
  /** Holds a part of a page that is decompressed in slices. */
  readonly slices: SliceMemory;
}

/**
 * Creates the memory of one column. Each page takes the same memory, because the values of a page
 * are read before the next page.
 */
export function columnMemory(
  { decoders, codecs }: { readonly decoders: Parquet; readonly codecs: Codecs | undefined },
): ColumnMemory {
  const memory = new PageMemory();
  const SNAPPY = (bytes: Uint8Array, size: number) => {
    const page = memory.take(size);
    decoders.snappyUncompress(bytes, page);
    return page;
  };
  const slices = { input: new PageMemory(), window: new PageMemory() };
  return { compressors: { ...codecs, SNAPPY }, page: new PageMemory(), slices };
}
