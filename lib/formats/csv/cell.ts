/**
 * Cells of CSV and TSV.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection for cells that are formulas.
 *
 * @module
 */

import { stringOf } from "../../values/json_scan.ts";

const QUOTE = 34, OPEN_LIST = 91, OPEN_OBJECT = 123;
// A spreadsheet takes the wide forms of the characters for the characters.
const FORMULA_STARTS = "=+-@\t\r\n＝＋－＠";
// A reader takes U+FEFF without quotes for a byte order mark.
const QUOTED = /^\ufeff|["\n\r]/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Returns a cell.
 *
 * `null` is an empty cell, and the empty text is `""`, so that the two differ. A text that a
 * spreadsheet would calculate as a formula begins with an apostrophe. Numbers keep their digits, and
 * lists and objects are cells of JSON.
 *
 * @example
 * ```ts
 * import { csvCell } from "./cell.ts";
 *
 * const line = ["null", '""', '"=1+1"', "-1.0", '"say \\"hi\\""'].map((json) => csvCell(json));
 * if (line.join() !== `,"",'=1+1,-1.0,"say ""hi"""`) throw new Error(line.join());
 * ```
 *
 * @param json the value as JSON text, or the empty text for a missing value
 * @param separator the character between cells
 * @param guard changes a text that is a formula
 */
export function csvCell(json: string, separator = ",", guard = withoutFormula): string {
  const first = json.charCodeAt(0);
  if (first === QUOTE) return textCell(json, separator, guard);
  if (first === OPEN_LIST || first === OPEN_OBJECT) return quoted(json, separator);
  return json === "null" ? "" : json;
}

/** Returns a text that a spreadsheet does not calculate. */
export function withoutFormula(text: string): string {
  return FORMULA_STARTS.includes(text[0]!) && !NUMBER.test(text) ? `'${text}` : text;
}

function textCell(json: string, separator: string, guard: (text: string) => string): string {
  if (json.length === 2) return json;
  const text = stringOf(json, 0, json.length);
  // UTF-8 has no half of a surrogate pair.
  if (!text.isWellFormed()) return quoted(json, separator);
  return quoted(guard(text), separator);
}

function quoted(text: string, separator: string): string {
  const isPlain = !text.includes(separator) && !QUOTED.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}
