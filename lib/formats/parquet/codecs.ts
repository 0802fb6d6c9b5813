/**
 * Decompresses pages of Parquet files.
 *
 * @module
 */

import { loadParquetCodecs, type Parquet, type ParquetFooter } from "../../deps.ts";

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
  return needsPackage ? (await loadParquetCodecs()).compressors : undefined;
}

/**
 * Returns the codecs for one column. Snappy writes each page to the same memory, because the values
 * of a page are read before the next page.
 */
export function codecsOf(
  { decoders, codecs }: { readonly decoders: Parquet; readonly codecs: Codecs | undefined },
): Codecs {
  let memory = new Uint8Array(0);
  const SNAPPY = (bytes: Uint8Array, size: number) => {
    if (memory.length < size) memory = new Uint8Array(size);
    const page = memory.subarray(0, size);
    decoders.snappyUncompress(bytes, page);
    return page;
  };
  return { ...codecs, SNAPPY };
}
