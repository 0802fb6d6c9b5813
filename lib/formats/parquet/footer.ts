/**
 * Reads the footer of a Parquet file, and checks that the file can be read.
 *
 * @module
 */

import { loadParquet, type Parquet, type ParquetFooter, type ParquetNode } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { hasMark } from "../encoding.ts";
import type { RandomFile } from "../random_file.ts";
import { type Codecs, isKnownCodec, loadCodecs } from "./codecs.ts";
import { chunkRange } from "./pages.ts";

/** A Parquet file whose footer has been read. */
export interface ParquetFile {
  readonly file: RandomFile;
  readonly decoders: Parquet;
  readonly footer: ParquetFooter;
  readonly root: ParquetNode;
  /** The codecs of compression, when there is one that is not Snappy. */
  readonly codecs: Codecs | undefined;
  /** The paths of the columns that have values, each from the root. */
  readonly paths: readonly (readonly ParquetNode[])[];
}

/**
 * Reads the footer.
 *
 * @param name the name of the file, for messages
 * @throws {UsageError} when the file is damaged, encrypted, or of an unknown kind.
 */
export async function readFooter(file: RandomFile, name: string): Promise<ParquetFile> {
  checkEnds(file, name);
  const decoders = await loadParquet();
  const footer = await parseFooter(file, decoders).catch((cause) => {
    throw unreadable(name, `its footer is damaged (${cause.message})`, MAKE_AGAIN, cause);
  });
  const root = decoders.parquetSchema(footer), paths = [...leavesOf(root)];
  const reason = reasonNotToRead(file, footer, root, paths);
  if (reason) throw unreadable(name, ...reason);
  const codecs = await loadCodecs(footer);
  return { file, decoders, footer, root, paths, codecs };
}

type Reason = readonly [state: string, advice: string];

const MAKE_AGAIN = "make or download it again";

function unreadable(name: string, state: string, advice: string, cause?: unknown): UsageError {
  return new UsageError(`Cannot read ${name}: ${state}, ${advice}`, { cause });
}

const MAGIC = "PAR1", ENCRYPTED = "PARE", SMALLEST = 12;
// The length of the footer and the last four letters.
const FOOTER_END = 8;
const FIRST_OF_MARK = 0xef;

function checkEnds(file: RandomFile, name: string): void {
  const { size } = file, ascii = new TextDecoder("latin1");
  const magic = (at: number) => ascii.decode(file.read(at, Math.min(at + MAGIC.length, size)));
  const start = magic(0), end = size < SMALLEST ? "" : magic(size - MAGIC.length);
  if (start === ENCRYPTED || (start === MAGIC && end === ENCRYPTED)) {
    throw unreadable(name, "it is encrypted", "write it without encryption");
  }
  if (start !== MAGIC) {
    throw unreadable(name, "it is not Parquet, because it does not start with PAR1", MAKE_AGAIN);
  }
  if (end !== MAGIC) throw unreadable(name, "it ends early, without a footer", MAKE_AGAIN);
}

async function parseFooter(file: RandomFile, decoders: Parquet): Promise<ParquetFooter> {
  const { size } = file, end = file.read(size - FOOTER_END, size);
  const length = new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  // The package refuses a length that the file cannot have.
  const initialFetchSize = FOOTER_END + (length > size - FOOTER_END ? 0 : length);
  const bytes = file.read(size - initialFetchSize, size);
  const buffer = { byteLength: size, slice: () => bytes.buffer };
  const options = { geoparquet: false, initialFetchSize };
  const footer = await decoders.parquetMetadataAsync(buffer, options);
  restoreMarks(footer, bytes, decoders);
  markGeometry(footer);
  return footer;
}

/** Restores the byte order marks at the start of names, which the package removes. */
function restoreMarks(
  { schema }: ParquetFooter,
  bytes: Uint8Array,
  decoders: Parquet,
): void {
  if (!bytes.includes(FIRST_OF_MARK)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { field_2: elements } = decoders.deserializeTCompactProtocol({ view, offset: 0 });
  for (const [i, { field_4: name }] of elements.entries()) {
    if (hasMark(name, 0)) schema[i]!.name = `\ufeff${schema[i]!.name}`;
  }
}

/**
 * Sets the type of columns that the metadata of GeoParquet describe.
 *
 * @see {@link https://geoparquet.org/releases/v1.1.0/}
 */
function markGeometry({ schema, key_value_metadata }: ParquetFooter): void {
  const geo = key_value_metadata?.find(({ key }) => key === "geo")?.value;
  if (geo === undefined) return;
  const columns = JSON.parse(geo).columns as Readonly<Record<string, GeoColumn>>;
  for (const [name, { encoding, crs }] of Object.entries(columns ?? {})) {
    const element = schema.find((one) => one.name === name && one.type === "BYTE_ARRAY");
    if (encoding !== "WKB" || !element || element.logical_type) continue;
    const id = crs?.id ? `${crs.id.authority}:${crs.id.code}` : crs?.name;
    element.logical_type = id === undefined ? { type: "GEOMETRY" } : { type: "GEOMETRY", crs: id };
  }
}

interface GeoColumn {
  readonly encoding?: string;
  readonly crs?: {
    readonly id?: { readonly authority: string; readonly code: string | number };
    readonly name?: string;
  } | null;
}

function* leavesOf(
  node: ParquetNode,
  above: readonly ParquetNode[] = [],
): Generator<ParquetNode[]> {
  const path = [...above, node];
  if (node.children.length === 0) yield path;
  for (const child of node.children) yield* leavesOf(child, path);
}

/** Returns the reason that a file cannot be read, if there is one. */
function reasonNotToRead(
  file: RandomFile,
  { row_groups, metadata_length }: ParquetFooter,
  root: ParquetNode,
  paths: readonly (readonly ParquetNode[])[],
): Reason | undefined {
  if (root.children.length === 0) return ["it has no columns", MAKE_AGAIN];
  const name = repeatedName(root);
  if (name !== undefined) return [`two of its columns have the name ${name}`, "rename one of them"];
  for (const path of paths) {
    const reason = unknownType(path);
    if (reason) return reason;
  }
  const end = file.size - metadata_length - FOOTER_END;
  for (const { columns } of row_groups) {
    if (columns.length !== paths.length) return ["its footer is damaged", MAKE_AGAIN];
    for (const [i, column] of columns.entries()) {
      const reason = unreadableColumn(column, pathText(paths[i]!), end);
      if (reason) return reason;
    }
  }
  return undefined;
}

/** Returns a name that two columns share. As keys of one object, one would replace the other. */
function repeatedName({ children }: ParquetNode): string | undefined {
  const names = children.map(({ element }) => element.name);
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  return repeated ?? children.map(repeatedName).find((name) => name !== undefined);
}

/** Returns the name of a column, such as `address.city`. */
export function pathText(path: readonly ParquetNode[]): string {
  return path.slice(1).map(({ element }) => element.name).join(".");
}

function unknownType(path: readonly ParquetNode[]): Reason | undefined {
  if (path.some(({ element }) => element.logical_type?.type === "VARIANT")) {
    return [`its column ${pathText(path.slice(0, -1))} is a VARIANT`, "write it as JSON"];
  }
  const { type } = path.at(-1)!.element;
  return type ? undefined : [`its column ${pathText(path)} has no type`, MAKE_AGAIN];
}

type Column = ParquetFooter["row_groups"][number]["columns"][number];

function unreadableColumn(
  { meta_data: meta, crypto_metadata, file_path }: Column,
  name: string,
  end: number,
): Reason | undefined {
  if (file_path) return [`its data are in another file, ${file_path}`, "name that file"];
  if (crypto_metadata || !meta) {
    return [`its column ${name} is encrypted`, "write it without encryption"];
  }
  if (!isKnownCodec(meta.codec)) {
    const codec = meta.codec ?? "an unknown codec";
    return [`its column ${name} is compressed with ${codec}`, "write it with zstd"];
  }
  if (meta.encodings?.some((encoding) => encoding === undefined)) {
    return [`its column ${name} has an unknown encoding`, "write it with plain encoding"];
  }
  const isCut = chunkRange(meta).end > end;
  return isCut ? [`its column ${name} is not where its footer says`, MAKE_AGAIN] : undefined;
}
