/**
 * The beginning of a file of CSV: the character between its cells, and its header.
 *
 * @module
 */

import { concatBytes } from "../../util/bytes/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import type { Beginning } from "../check_format.ts";
import { columnKeys } from "./header.ts";
import { CsvRows, type CsvSettings } from "./rows.ts";
import { headToUtf8 } from "../encoding.ts";
import type { Format, InputOptions } from "../format.ts";
import { objectsWith } from "./row_frame.ts";
import { counted } from "../../util/text/counted.ts";

/** The beginning of a file of CSV. */
export interface CsvStart {
  /** The byte between two cells. */
  readonly delimiter: number;
  /** The length of the first line when it only names the delimiter, else 0. */
  readonly skip: number;
  /** A fact about the delimiter that the user should know. */
  readonly notice?: string | undefined;
}

const COMMA = ",", TAB = "\t", DELIMITERS = [COMMA, TAB, ";", "|"];
const SAMPLE_ROWS = 20;

/**
 * Determines the character between the cells. Without `--delimiter`, it is a comma, and a tab for
 * `tsv`, unless only another character divides the first records into equal numbers of cells.
 *
 * @param beginning the beginning of the file, in UTF-8 without a byte order mark
 * @throws {UsageError} when several characters are possible, or the option is not one character.
 */
export function csvStart(
  name: string,
  format: Format,
  { head, isWhole }: Beginning,
  options: InputOptions,
): CsvStart {
  // Excel reads such a line, and does not show it.
  const [line = "", named] = /^sep=([ -~\t])(?:\r\n?|\n|$)/i.exec(asText(head)) ?? [];
  const { delimiter } = options;
  const given = delimiter === undefined ? named : toDelimiter(delimiter), skip = line.length;
  const usual = given ?? (format === "tsv" ? TAB : COMMA);
  const { found, other } = likely(usual, { head: head.subarray(skip), isWhole }, options);
  if (given === undefined && found.length > 1) throw uncertain(name, format, found);
  const one = given ?? found[0]!, notice = `The delimiter of ${name} is ${shown(one)}`;
  const start = { delimiter: one.charCodeAt(0), skip };
  if (one !== usual) return { ...start, notice };
  if (found.length === 1 && found[0] !== one) {
    return { ...start, notice: `${notice}, but ${shown(found[0]!)} divides its records evenly` };
  }
  if (given !== undefined || other === undefined) return start;
  const also = `${shown(other)} divides its records evenly, too: pass --delimiter ${shown(other)}`;
  return { ...start, notice: `${notice}, but ${also} if it is that` };
}

/**
 * Checks the header of a file.
 *
 * @throws {UsageError} when it cannot be the header of a list of objects.
 */
export function checkCsv(
  name: string,
  format: Format,
  { head, isWhole }: Beginning,
  options: InputOptions,
): void {
  const { encoding, hasHeader = true, hasQuotes } = options;
  const bytes = headToUtf8(head, encoding);
  const { delimiter, skip } = csvStart(name, format, { head: bytes, isWhole }, options);
  if (!hasHeader) return;
  const sample = { head: bytes.subarray(skip), isWhole };
  const header = (cells: readonly string[]) => objectsWith(columnKeys(name, cells));
  readSample(sample, { name, delimiter, hasQuotes, header });
  checkCounts(name, format, countCells(sample, { delimiter, hasQuotes }));
}

/** Throws if the first record is not the header of most of the others. */
function checkCounts(name: string, format: Format, [own, ...records]: readonly number[]): void {
  const most = records.toSorted((a, b) => a - b)[records.length >> 1] ?? 0;
  const count = records.filter((cells) => cells === most).length;
  if (own === most || most === 0 || count < 2 || 2 * count <= records.length) return;
  throw new UsageError(
    `Cannot read ${name} as ${format}: most records have ${counted(most, "cell")}, the header ` +
      `has ${own}, remove lines before the header, or pass --no-header to get arrays`,
  );
}

/** The delimiters that the first records suggest. */
interface Likely {
  /** One delimiter when it is certain. */
  readonly found: readonly string[];
  /** Another one that divides the header and records into equal numbers of cells, too. */
  readonly other?: string | undefined;
}

/** Returns the delimiters that the first records suggest. */
function likely(
  usual: string,
  sample: Beginning,
  { hasHeader = true, hasQuotes }: InputOptions,
): Likely {
  // The numbers of cells of the first records, by the delimiter between them.
  const counts = new Map(DELIMITERS.map((delimiter) => {
    const code = delimiter.charCodeAt(0);
    return [delimiter, countCells(sample, { delimiter: code, hasQuotes })];
  }));
  const inFirst = DELIMITERS.filter((delimiter) => (counts.get(delimiter)![0] ?? 0) > 1);
  const even = inFirst.filter((delimiter) => new Set(counts.get(delimiter)).size === 1);
  if (even.length === 1) return { found: even };
  if (even.length === 0) {
    const isUsual = inFirst.length === 0 || inFirst.includes(usual);
    return { found: isUsual ? [usual] : [...inFirst, usual] };
  }
  // Numbers may contain commas, as in 59,91;10,75, but names rarely do.
  const isUsual = even.includes(usual) && (hasHeader || usual === TAB);
  if (!isUsual) return { found: even };
  // Names and texts rarely contain tabs, but texts in cells between tabs may contain all others.
  const other = usual === TAB ? undefined : even.find((delimiter) => delimiter !== usual);
  const hasRecords = counts.get(usual)!.length > 1;
  return { found: [usual], other: hasRecords ? other : undefined };
}

/** Counts the cells of each of the first records. */
function countCells(sample: Beginning, settings: Partial<CsvSettings>): number[] {
  const lines = asText(readSample(sample, settings)).split("\n");
  return lines.slice(0, -1).slice(0, SAMPLE_ROWS).map((line) =>
    line.startsWith("[") ? JSON.parse(line).length : 0
  );
}

function readSample({ head, isWhole }: Beginning, settings: Partial<CsvSettings>): Uint8Array {
  const rows = new CsvRows({ name: "", delimiter: 0, line: 1, lines: { set() {} }, ...settings });
  const lines = rows.read(head);
  return isWhole ? concatBytes([lines, rows.finish()]) : lines;
}

function toDelimiter(text: string): string {
  const one = text === "tab" || text === "\\t" ? TAB : text;
  if (/^[^"\r\n]$/.test(one) && one <= "\x7f") return one;
  throw new UsageError(
    `Cannot use --delimiter '${text}': write one character of ASCII, such as ';', or tab`,
  );
}

function uncertain(name: string, format: Format, found: readonly string[]): UsageError {
  const flags = found.map((one) => `--delimiter ${shown(one)}`).join(" or ");
  return new UsageError(
    `Cannot read ${name} as ${format}: the character between its cells is not certain, pass ${flags}`,
  );
}

function shown(delimiter: string): string {
  return delimiter === TAB ? "tab" : `'${delimiter}'`;
}

function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
