/**
 * Recognises a file by its first bytes, for advice about a file that does not have its format.
 *
 * @module
 */

/** A guess about a file. */
export interface Guess {
  /** A noun phrase: `a CSV file`. */
  readonly what: string;
  /** The options that read the file. @default {no option reads it} */
  readonly flags?: string | undefined;
  /** The way out for a file that no option reads. */
  readonly advice?: string | undefined;
}

const FROM_UTF32 = "convert it: iconv -f UTF-32 -t UTF-8 FILE | dl_jobs map TASK -";

/** Formats that are recognised by their first bytes, each written as the character of its number. */
const MAGIC: readonly (readonly [start: string, what: string, advice?: string])[] = [
  ["PK\x03\x04", "a zip archive or an Excel workbook", "save each sheet as CSV, or unpack it"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"],
  ["SQLite format 3\0", "an SQLite database", "export the table as CSV"],
  ["\x1f\x8b", "compressed twice", "unpack it once"],
  ["\x28\xb5\x2f\xfd", "compressed twice", "unpack it once"],
  ["BZh", "compressed with bzip2", "unpack it: bzcat FILE | dl_jobs map TASK -"],
  ["\xfd7zXZ\0", "compressed with xz", "unpack it: xzcat FILE | dl_jobs map TASK -"],
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
  ["\x7fELF", "a program"],
  ["\xff\xfe\0\0", "text in UTF-32", FROM_UTF32],
  ["\0\0\xfe\xff", "text in UTF-32", FROM_UTF32],
];

const PATHS = "a list names files in text, one path in each line";

/** Recognises bytes that are not text in UTF-8, or returns `undefined`. */
export function guessBytes(head: Uint8Array, isWhole: boolean): Guess | undefined {
  const start = String.fromCharCode(...head.subarray(0, 16));
  const known = MAGIC.find(([bytes]) => start.startsWith(bytes));
  if (known) return { what: known[1], advice: known[2] ?? PATHS };
  const utf16 = utf16Of(head);
  if (utf16) return { what: `text in ${utf16.toUpperCase()}`, flags: `--encoding ${utf16}` };
  if (head.includes(0)) return undefined;
  return isUtf8(head, isWhole)
    ? undefined
    : { what: "text in Latin-1", flags: "--encoding latin1" };
}

/** Returns true for text with characters that only binary data contain. A NUL may end a name. */
export function isBinary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 ? text.charCodeAt(i + 1) === 0 : code < 9 || (code > 13 && code < 27)) {
      return true;
    }
  }
  return false;
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
