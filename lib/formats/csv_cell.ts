/**
 * Cells of CSV and TSV.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection for cells that are formulas.
 *
 * @module
 */

import { stringOf } from "../values/json_scan.ts";

// A spreadsheet takes the wide forms of the characters for the characters.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
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
 * import { csvCell } from "./csv_cell.ts";
 *
 * const line = ["null", '""', '"=1+1"', "-1.0", '"say \\"hi\\""'].map((json) => csvCell(json));
 * if (line.join() !== `,"",'=1+1,-1.0,"say ""hi"""`) throw new Error(line.join());
 * ```
 *
 * @param json the value as JSON text, or the empty text for a missing value
 * @param separator the character between cells
 * @param isRaw true to keep formulas
 */
export function csvCell(json: string, separator = ",", isRaw = false): string {
  if (json === "null") return "";
  if (!json.startsWith('"')) return quoted(json, separator);
  const text = stringOf(json, 0, json.length);
  // UTF-8 has no half of a surrogate pair.
  if (!text.isWellFormed()) return quoted(json, separator);
  return text === "" ? '""' : quoted(isRaw ? text : withoutFormula(text), separator);
}

function quoted(text: string, separator: string): string {
  const isPlain = !text.includes('"') && !text.includes(separator) && !/[\n\r]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

function withoutFormula(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}
