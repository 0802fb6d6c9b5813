/**
 * Lines of CSV.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection for cells that are formulas.
 *
 * @module
 */

/**
 * Returns a line of CSV with its newline.
 *
 * `null` is an empty cell, and the empty text is `""`, so that the two differ. A text that a
 * spreadsheet would calculate as a formula begins with an apostrophe. Numbers, lists and objects
 * are cells of JSON.
 *
 * @example
 * ```ts
 * import { csvLine } from "./csv.ts";
 *
 * const line = csvLine([null, "", "=1+1", -1, 'say "hi"']);
 * if (line !== `,"",'=1+1,-1,"say ""hi"""\n`) throw new Error(line);
 * ```
 */
export function csvLine(cells: readonly unknown[]): string {
  return cells.map(csvCell).join(",") + "\n";
}

function csvCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  const text = typeof cell === "string" ? withoutFormula(cell) : JSON.stringify(cell);
  return text === "" || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function withoutFormula(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
