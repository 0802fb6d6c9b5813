/**
 * Decodes a page of a column of a Parquet file.
 *
 * @module
 */

import type { Parquet, ParquetChunk, ParquetNode, ParquetValues } from "../../deps.ts";
import type { ColumnMemory } from "./codecs.ts";
import { DeltaIntegers } from "./delta.ts";
import { plainValues, type Values } from "./plain.ts";
import { RunReader } from "./runs.ts";
import { SlicedValues } from "./sliced_values.ts";
import { canSlice, type ReadPart, type SliceMemory, SnappySlices } from "./snappy_slices.ts";

/** A column in one row group. */
export interface Chunk {
  readonly meta: ParquetChunk;
  /** The nodes from the root of the schema to the column. */
  readonly path: readonly ParquetNode[];
  readonly memory: ColumnMemory;
}

/** The values of a page, with their levels of repetition and definition. */
export interface PageValues {
  /** The number of levels. */
  readonly count: number;
  /** @default {each value is the first of its row} */
  readonly repetition?: RunReader | undefined;
  /** @default {each value is defined} */
  readonly definition?: RunReader | undefined;
  readonly values: Values;
}

/** The bytes of a page as it is in the file. */
export interface PageInput {
  readonly size: number;
  /** Reads the whole page. */
  all(): Uint8Array;
  /** Reads a part. */
  readonly read: ReadPart;
}

/** The header of a page. */
export type Header = ReturnType<Parquet["parquetHeader"]>;
type HeaderV1 = NonNullable<Header["data_page_header"]>;
type HeaderV2 = NonNullable<Header["data_page_header_v2"]>;

// The size of a page that is decompressed in slices. Most pages have at most a megabyte.
const LONG = 2 * 1024 * 1024;
const NO_BYTES = new Uint8Array(0);

/** A decoder of the pages of one column in one row group. */
export class PageDecoder {
  #decoders: Parquet;
  #slices: SliceMemory;
  #column: Parameters<Parquet["readDataPage"]>[2];
  #maxRepetition: number;
  #maxDefinition: number;
  #dictionary: ParquetValues | undefined;

  /**
   * Creates a decoder.
   *
   * @param chunk the column
   */
  constructor(decoders: Parquet, { meta, path, memory: { compressors, slices } }: Chunk) {
    const element = path.at(-1)!.element;
    const types = path.slice(1).map((node) => node.element.repetition_type);
    this.#decoders = decoders;
    this.#slices = slices;
    this.#maxRepetition = types.filter((type) => type === "REPEATED").length;
    this.#maxDefinition = types.filter((type) => type !== "REQUIRED").length;
    const { path_in_schema: pathInSchema } = meta;
    // The decoders of pages call no parser.
    this.#column = {
      ...meta,
      pathInSchema,
      element,
      schemaPath: [...path],
      compressors,
      parsers: {} as never,
    };
  }

  /** Decodes a page of values. Any other page returns `undefined`. */
  decode(header: Header, input: PageInput): PageValues | undefined {
    const { data_page_header: v1, data_page_header_v2: v2 } = header;
    if (header.type === "DATA_PAGE") return this.#decodeV1(header, v1!, input);
    if (header.type === "DATA_PAGE_V2") return this.#decodeV2(header, v2!, input);
    if (header.type === "DICTIONARY_PAGE") this.#setDictionary(header, input.all());
    return undefined;
  }

  #setDictionary(header: Header, bytes: Uint8Array): void {
    // The memory of a page is used again, but the dictionary is needed for all pages.
    const page = this.#unpack(bytes, header.uncompressed_page_size).slice();
    const { element: { type, type_length } } = this.#column;
    const { num_values: count } = header.dictionary_page_header!;
    const reader = { view: viewOf(page), offset: 0 };
    this.#dictionary = this.#decoders.readPlain(reader, type!, count, type_length);
  }

  /** Decodes a page whose levels are compressed with the values. */
  #decodeV1(header: Header, v1: HeaderV1, input: PageInput): PageValues {
    const { uncompressed_page_size: size } = header, { num_values: count } = v1;
    const slices = this.#slicesOf(input, 0, size, v1.encoding);
    const page = slices ? NO_BYTES : this.#unpack(input.all(), size);
    let at = 0;
    const take = (length: number) => slices?.read(length) ?? page.subarray(at, at += length);
    const levels = (max: number, encoding: string) => {
      if (max === 0) return undefined;
      if (encoding !== "RLE") throw new TypeError(`levels are encoded with ${encoding}`);
      return levelsOf(take(viewOf(take(4)).getUint32(0, true)), max);
    };
    const repetition = levels(this.#maxRepetition, v1.repetition_level_encoding);
    const definition = levels(this.#maxDefinition, v1.definition_level_encoding);
    if (slices) return { count, repetition, definition, values: this.#sliced(slices) };
    const values = this.#valuesOf(v1.encoding, () => page.subarray(at)) ??
      listed(this.#decoders.readDataPage(page, v1, this.#column).dataPage);
    return { count, repetition, definition, values };
  }

  /** Decodes a page whose levels are not compressed. */
  #decodeV2(header: Header, v2: HeaderV2, input: PageInput): PageValues {
    const { repetition_levels_byte_length: middle, num_values: count } = v2;
    const start = middle + v2.definition_levels_byte_length;
    const size = header.uncompressed_page_size - start;
    const slices = v2.is_compressed ? this.#slicesOf(input, start, size, v2.encoding) : undefined;
    const bytes = slices ? startOf(input, start) : input.all(), body = bytes.subarray(start);
    const repetition = levelsOf(bytes.subarray(0, middle), this.#maxRepetition);
    const definition = levelsOf(bytes.subarray(middle, start), this.#maxDefinition);
    if (slices) return { count, repetition, definition, values: this.#sliced(slices) };
    const page = () => v2.is_compressed ? this.#unpack(body, size) : body;
    const values = this.#valuesOf(v2.encoding, page) ??
      this.#otherV2(
        header,
        v2,
        bytes,
        levelsOf(bytes.subarray(middle, start), this.#maxDefinition),
      );
    return { count, repetition, definition, values };
  }

  /** Returns the values of a page in any other encoding. */
  #otherV2(header: Header, v2: HeaderV2, bytes: Uint8Array, levels?: RunReader): Values {
    // The header of some programs, such as pyarrow, has a wrong number of nulls inside lists.
    const { num_values: count } = v2, nulls = levels ? this.#nullsOf(levels, count) : 0;
    if (nulls === count) return listed([]);
    const counted = { ...header, data_page_header_v2: { ...v2, num_nulls: nulls } };
    return listed(this.#decoders.readDataPageV2(bytes, counted, this.#column).dataPage);
  }

  #nullsOf(levels: RunReader, count: number): number {
    let nulls = 0;
    for (let i = 0; i < count; i++) if (levels.next() !== this.#maxDefinition) nulls++;
    return nulls;
  }

  /** Returns values in the most frequent encodings one by one. */
  #valuesOf(encoding: string, page: () => Uint8Array): Values | undefined {
    if (encoding === "PLAIN") return plainValues(page(), this.#column.element);
    const isInteger = this.#column.element.type === "INT32";
    if (encoding === "DELTA_BINARY_PACKED" && isInteger) return new DeltaIntegers(page());
    if (!encoding.endsWith("_DICTIONARY")) return undefined;
    const dictionary = this.#dictionary;
    if (!dictionary) throw new TypeError("a page refers to a dictionary that is missing");
    const bytes = page(), [width = 0] = bytes, places = new RunReader(bytes.subarray(1), width);
    return { next: () => dictionary[places.next()] };
  }

  /** Returns a long page in slices, where that is possible. */
  #slicesOf(
    { size: packed, read }: PageInput,
    start: number,
    size: number,
    encoding: string,
  ): SnappySlices | undefined {
    const { codec, element: { type } } = this.#column;
    const isPlain = codec === "SNAPPY" && encoding === "PLAIN" && type !== "BOOLEAN";
    if (size <= LONG || !isPlain) return undefined;
    const after: ReadPart = (from, target) => read(start + from, target);
    const given = [after, packed - start, this.#slices] as const;
    return canSlice(...given) ? new SnappySlices(...given) : undefined;
  }

  #sliced(slices: SnappySlices): Values {
    return new SlicedValues(slices, this.#column.element);
  }

  #unpack(bytes: Uint8Array, size: number): Uint8Array {
    // Some decompressors refuse a block without content, such as the dictionary of a column of null.
    if (size === 0) return NO_BYTES;
    const { codec, compressors } = this.#column;
    return this.#decoders.decompressPage(bytes, size, codec, compressors);
  }
}

function startOf({ read }: PageInput, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  read(0, bytes);
  return bytes;
}

function levelsOf(bytes: Uint8Array, max: number): RunReader | undefined {
  return max === 0 ? undefined : new RunReader(bytes, 32 - Math.clz32(max));
}

function listed(values: ParquetValues): Values {
  let at = 0;
  return { next: () => values[at++] };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
