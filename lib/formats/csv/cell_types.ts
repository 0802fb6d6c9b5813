/**
 * Converts cells of text to numbers, booleans and null.
 *
 * @module
 */

import type { JsonLines } from "../json/json_lines.ts";
import { counted } from "../../util/text/counted.ts";

// The kinds of values, as indexes of their counts.
const TEXT = 0, NUMBER = 1, BOOLEAN = 2, NULL = 3;
const KINDS = ["text", "number", "boolean", "null"];

const ZERO = 48, PLUS = 43, MINUS = 45, POINT = 46, LOWER_E = 101, LOWER = 32;
const [TRUE, FALSE, EMPTY] = ["true", "false", "null"].map((text) =>
  new TextEncoder().encode(text)
);
// Any number with fewer characters and without an exponent fits into 64 bits.
const MAX_PLAIN = 300;
// The list of columns in a message ends here.
const MAX_LISTED = 20;

/**
 * Converts each cell on its own, and counts the values of each column.
 *
 * A cell is a number when it is one in JSON, with its digits, and a number of 64 bits has its size.
 * So `007`, `+5`, `1_000` and `1e400` stay text.
 */
export class CellTypes {
  /** The kinds of the cells of the record. */
  #row: number[] = [];
  /** The number of values of each kind, for each column. */
  #columns: number[][] = [];

  /**
   * Ends a cell.
   *
   * @param lines the output, which ends with a quote and the text of the cell
   * @param start the place of that text in the output
   * @param column the number of the column, from 0
   */
  endCell(lines: JsonLines, start: number, column: number): void {
    const { bytes, end } = lines, kind = kindOf(bytes, start, end);
    this.#row[column] = kind;
    if (kind === TEXT) return lines.quote();
    lines.end = start - 1;
    if (kind === NULL) lines.append(EMPTY!);
    else if (kind === BOOLEAN) lines.append(end - start === TRUE!.length ? TRUE! : FALSE!);
    else lines.append(bytes.subarray(start, end));
  }

  /** Counts the values of a record. */
  endRow(columns: number): void {
    for (let column = 0; column < columns; column++) {
      const counts = this.#columns[column] ??= KINDS.map(() => 0);
      counts[this.#row[column]!]!++;
    }
  }

  /**
   * Describes the columns that have other values than text.
   *
   * @param nameOf returns the name of a column
   */
  describe(nameOf: (column: number) => string): string {
    const typed = this.#columns.flatMap((counts, column) =>
      counts[NUMBER]! + counts[BOOLEAN]! + counts[NULL]! > 0
        ? [`${nameOf(column)} (${describeCounts(counts)})`]
        : []
    );
    if (typed.length === 0) return "no column, all cells are text";
    const more = typed.length - MAX_LISTED;
    return typed.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more columns` : "");
  }
}

function describeCounts(counts: readonly number[]): string {
  const kinds = [NUMBER, BOOLEAN, NULL, TEXT].filter((kind) => counts[kind]! > 0);
  return kinds.map((kind) => counted(counts[kind]!, KINDS[kind]!)).join(", ");
}

function kindOf(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return NULL;
  if (isNumber(bytes, from, to)) return NUMBER;
  return isWord(bytes, from, to, TRUE!) || isWord(bytes, from, to, FALSE!) ? BOOLEAN : TEXT;
}

/** Compares a text with a word in lower case. */
function isWord(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  return to - from === word.length && word.every((byte, i) => (bytes[from + i]! | LOWER) === byte);
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc8259#section-6} */
function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  const start = bytes[from] === MINUS ? from + 1 : from;
  let at = afterDigits(bytes, start, to);
  if (at === start || (bytes[start] === ZERO && at > start + 1)) return false;
  if (at < to && bytes[at] === POINT) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction, to);
    if (at === fraction) return false;
  }
  if (at === to) return to - from <= MAX_PLAIN || isInRange(bytes, from, to);
  if ((bytes[at]! | LOWER) !== LOWER_E) return false;
  const sign = bytes[at + 1], exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  const end = afterDigits(bytes, exponent, to);
  return end === to && end > exponent && isInRange(bytes, from, to);
}

function afterDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! - ZERO >>> 0 <= 9) at++;
  return at;
}

/** Returns false for a number that would become infinite or 0. */
function isInRange(bytes: Uint8Array, from: number, to: number): boolean {
  const text = new TextDecoder().decode(bytes.subarray(from, to)), value = Number(text);
  return Number.isFinite(value) && (value !== 0 || !/^[^e]*[1-9]/i.test(text));
}
