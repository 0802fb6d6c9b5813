/**
 * The rows and columns of a table of results.
 *
 * @module
 */

import type { Sample } from "../protocol.ts";
import { jsonText, ownValue } from "./format.ts";
import { isLongNumber, numberOf } from "./shown_json.ts";

/**
 * Returns the names of the columns: `value` for results that are not objects, then the keys of
 * objects.
 */
export function columnsOf(rows: Sample["rows"]): string[] {
  const results = rows.filter(({ bytes }) => bytes === undefined).map(({ result }) => result);
  const names = new Set(results.every(isObject) ? [] : ["value"]);
  for (const result of results.filter(isObject)) {
    for (const key of Object.keys(result)) names.add(key);
  }
  return [...names];
}

/** Returns the value of a result in a column; `undefined` for an empty cell. */
export function valueOf(result: unknown, name: string): unknown {
  if (isObject(result)) return ownValue(result, name);
  return name === "value" ? result : undefined;
}

/**
 * Returns rows in the order of a column: numbers before texts, empty cells last.
 *
 * @param sort the name of the column, after `-` for descending order; without a name, the order of
 * tasks
 */
export function sortRows(rows: Sample["rows"], sort: string): Sample["rows"] {
  const isDescending = sort.startsWith("-"), name = isDescending ? sort.slice(1) : sort;
  if (name === "") return isDescending ? rows.toReversed() : rows;
  const known = rows.map((row) => ({ row, value: sortable(valueOf(row.result, name)) }));
  const sign = isDescending ? -1 : 1;
  return known.sort((a, b) => compare(a.value, b.value, sign)).map(({ row }) => row);
}

type Sortable = number | string | undefined;

function sortable(value: unknown): Sortable {
  if (value === undefined || typeof value === "string") return value;
  return numberOf(value) ?? jsonText(value);
}

const TEXTS = new Intl.Collator("en", { numeric: true });

function compare(a: Sortable, b: Sortable, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b || 0);
  if (typeof a === "string" && typeof b === "string") return sign * TEXTS.compare(a, b);
  return sign * (typeof a === "number" ? -1 : 1);
}

/** Returns rows as CSV. A text that a spreadsheet would calculate begins with an apostrophe. */
export function csvText(rows: Sample["rows"], columns: readonly string[]): string {
  const lines = rows.map(({ id, result }) => [
    String(id),
    ...columns.map((name) => csvValue(valueOf(result, name))),
  ]);
  const head = ["task", ...columns.map(csvValue)];
  return [head, ...lines].map((cells) => cells.join() + "\n").join("");
}

function csvValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") return quoted(jsonText(value));
  return value === "" ? '""' : quoted(isFormula(value) ? `'${value}` : value);
}

/** Returns true for a text that a spreadsheet would calculate, as the command's CSV does. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !Number.isFinite(Number(text));
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !isLongNumber(value);
}
