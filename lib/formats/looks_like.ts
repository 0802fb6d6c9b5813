/**
 * Recognises a file by its first bytes, for advice about a file that does not have its format.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";

/** A guess about a file. */
export interface Guess {
  /** A noun phrase: `a CSV file`. */
  readonly what: string;
  /** The options that read the file. @default {no option reads it} */
  readonly flags?: string | undefined;
  /** The way out for a file that no option reads. */
  readonly advice?: string | undefined;
  /** The first line that is not UTF-8, from 1. @default {the message shows the first line} */
  readonly line?: number | undefined;
}

const FROM_OGR = "convert it: ogr2ogr -f GeoJSONSeq /vsistdout/ FILE | dl_jobs map TASK -";
const FROM_UTF32 = "convert it: iconv -f UTF-32 -t UTF-8 FILE | dl_jobs map TASK -";

/** Formats that are recognised by their first bytes, each written as the character of its number. */
const MAGIC: readonly (readonly [start: string, what: string, advice?: string])[] = [
  ["PK\x03\x04", "a zip archive or an Excel workbook", "save each sheet as CSV, or unpack it"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"],
  ["SQLite format 3\0", "an SQLite database", "export the table as CSV"],
  ["\x1f\x8b", "compressed twice", "unpack it once"],
  ["\x28\xb5\x2f\xfd", "compressed twice", "unpack it once"],
  ["BZh", "compressed with bzip2", unpackWith("bzcat")],
  ["\xfd7zXZ\0", "compressed with xz", unpackWith("xzcat")],
  ["\x5d\0\0", "compressed with lzma", unpackWith("xzcat")],
  ["\x04\x22\x4d\x18", "compressed with lz4", unpackWith("lz4cat")],
  ["\x02\x21\x4c\x18", "compressed with lz4", unpackWith("lz4cat")],
  ["LZIP\x01", "compressed with lzip", unpackWith("lzip -dc")],
  ["\x1f\x9d", "compressed with compress", unpackWith("zcat")],
  ["x\x01", "compressed with zlib", unpackWith("pigz -dc")],
  ["x\x9c", "compressed with zlib", unpackWith("pigz -dc")],
  ["\xff\x06\0\0sNaPpY", "compressed with snappy", "unpack it"],
  ["7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"],
  ["Rar!\x1a\x07", "a RAR archive", "unpack it"],
  ["%PDF-", "a PDF document"],
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["II*\0", "a TIFF image"],
  ["MM\0*", "a TIFF image"],
  ["II+\0", "a TIFF image"],
  ["\x89HDF", "an HDF5 file"],
  ["PAR1", "a Parquet file", "pass --input parquet to read it"],
  ["PARE", "an encrypted Parquet file", "write it without encryption"],
  ["ORC", "an ORC file", "convert it to Parquet or CSV"],
  ["Obj\x01", "an Avro file", "convert it to Parquet or CSV"],
  ["ARROW1", "an Arrow file", "convert it to Parquet or CSV"],
  ["\x93NUMPY", "a NumPy array", "convert it to CSV or JSON"],
  ["\x80\x04\x95", "a pickle of Python", "write it as JSON, with json.dumps()"],
  ["\x80\x05\x95", "a pickle of Python", "write it as JSON, with json.dumps()"],
  ["\0\0\x27\x0a", "a shapefile", FROM_OGR],
  ["fgb\x03", "a FlatGeobuf file", FROM_OGR],
  ["CDF\x01", "a netCDF file"],
  ["CDF\x02", "a netCDF file"],
  ["CDF\x05", "a netCDF file"],
  ["GRIB", "a GRIB file"],
  ["\x7fELF", "a program"],
  ["\xff\xfe\0\0", "text in UTF-32", FROM_UTF32],
  ["\0\0\xfe\xff", "text in UTF-32", FROM_UTF32],
];

function unpackWith(command: string): string {
  return `unpack it: ${command} FILE | dl_jobs map TASK -`;
}

const PATHS = "a list names files in text, one path in each line";

/** Recognises bytes that are not text in UTF-8, or returns `undefined`. */
export function guessBytes(head: Uint8Array, isWhole: boolean): Guess | undefined {
  const start = String.fromCharCode(...head.subarray(0, 16));
  // A table may begin with ORCID or PARENT.
  const isText = !head.some(isControl);
  const known = MAGIC.find(([bytes]) =>
    start.startsWith(bytes) && !(isText && /^\w+$/.test(bytes))
  );
  if (hasMark(head, ...GEOPACKAGE)) return { what: "a GeoPackage", advice: FROM_OGR };
  if (known) return { what: known[1], advice: known[2] ?? PATHS };
  if (hasMark(head, ...TAR)) return { what: "a tar archive", advice: FROM_TAR };
  const utf16 = utf16Of(head);
  if (utf16) return { what: `text in ${utf16.toUpperCase()}`, flags: `--encoding ${utf16}` };
  if (head.includes(0)) return undefined;
  return isUtf8(head, isWhole) ? undefined : guessOtherText(head, isWhole);
}

/** Recognises text with bytes that are not UTF-8, by the lines that are and those that are not. */
function guessOtherText(head: Uint8Array, isWhole: boolean): Guess {
  const lines = linesOf(head);
  const isText = (line: Uint8Array, i: number) => isUtf8(line, isWhole || i < lines.length - 1);
  const others = lines.filter((line, i) => !isText(line, i)).length;
  const line = lines.findIndex((line, i) => !isText(line, i)) + 1;
  // In Latin-1, hardly any line with such characters is UTF-8 by chance.
  const isMostlyUtf8 =
    others <= lines.filter((line, i) => isText(line, i) && !isAscii(line)).length;
  if (!isMostlyUtf8) return { what: "text in Latin-1", flags: "--encoding latin1", line };
  const advice = "fix the line, or pass --encoding utf-8 so that only such records fail";
  return { what: "UTF-8 with other bytes", advice, line };
}

function linesOf(head: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start <= head.length;) {
    const at = head.indexOf(NEWLINE, start), end = at < 0 ? head.length : at;
    lines.push(head.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 128);
}

/** Returns true for text with characters that only binary data contain. A NUL may end a name. */
export function isBinary(text: string): boolean {
  return binaryAt(text) >= 0;
}

/**
 * Describes binary data by its first byte that is not text.
 *
 * @param text a text for which `isBinary` returns true
 * @param format the name of a format that reads it, if it is text after all
 */
export function describeBinary(text: string, format: string): Guess {
  const at = binaryAt(text), line = text.slice(0, at).split("\n").length;
  const byte = text.charCodeAt(at).toString(16).padStart(2, "0");
  return {
    what: `binary data (byte 0x${byte} in line ${line})`,
    advice: `pass --input ${format} if it is text`,
  };
}

/** Returns the place of the first character that only binary data contain, or -1. */
function binaryAt(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 ? text.charCodeAt(i + 1) === 0 : isControl(code)) return i;
  }
  return -1;
}

/** Returns true for a character that text does not contain. */
function isControl(code: number): boolean {
  return code < 9 || (code > 13 && code < 27);
}

/** A text at a place in a file. */
type Mark = readonly [text: string, at: number];

const TAR: Mark = ["ustar", 257], GEOPACKAGE: Mark = ["GPKG", 68];
const FROM_TAR = "unpack a file of it: tar -xOf FILE NAME | dl_jobs map TASK -";

function hasMark(head: Uint8Array, ...[text, at]: Mark): boolean {
  return String.fromCharCode(...head.subarray(at, at + text.length)) === text;
}

function utf16Of(head: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const pairs = Math.min(head.length >> 1, 64);
  if (pairs < 2) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < pairs * 2; i++) if (head[i] === 0) zeros[i % 2]!++;
  if (zeros[1]! > pairs / 2 && zeros[0] === 0) return "utf-16le";
  return zeros[0]! > pairs / 2 && zeros[1] === 0 ? "utf-16be" : undefined;
}

function isUtf8(head: Uint8Array, isWhole: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}
