/**
 * Converts values to tables, for terminals and notebooks.
 *
 * @module
 */

import { isRawJson } from "../util/builtins.ts";
import { cutText } from "./text_width.ts";

/** A table of texts. */
export interface Table {
  /** The names of the columns. */
  readonly head: readonly string[];
  /** The rows, each with a text for every column. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * Converts values to a table, with one column per key.
 *
 * @example
 * ```ts
 * import { toTable } from "./table.ts";
 *
 * const { head, rows } = toTable([{ name: "Fiji", area: 19 }, { name: "Mali" }]);
 * if (head.join() !== "name,area" || rows.join("; ") !== "Fiji,19; Mali,") throw new Error();
 * ```
 *
 * @param maxCell the maximum width of a cell, in terminal columns; longer cells are cut
 */
export function toTable(values: readonly unknown[], maxCell = Infinity): Table {
  const all = values.map(cells);
  const head = [...new Set(all.flatMap((row) => Object.keys(row)))];
  return { head, rows: all.map((row) => toRow(row, head, maxCell)) };
}

/** Returns cells in the order of the columns. A missing cell is empty. */
export function toRow(
  value: Readonly<Record<string, string>>,
  head: readonly string[],
  maxCell = Infinity,
): string[] {
  return head.map((key) => cutText((value[key] ?? "").replaceAll(/\s+/g, " "), maxCell));
}

/** Returns the texts of the cells of a value by key. */
export function cells(value: unknown): Record<string, string> {
  const entries = Object.entries(cellsOf(value));
  // A table of such objects would have neither columns nor texts.
  if (entries.length === 0) return { value: "{}" };
  return Object.fromEntries(entries.map(([key, cell]) => [key, cellText(cell)]));
}

/** Returns the values of cells by key. A value that is not an object has a single cell, `value`. */
export function cellsOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !isRawJson(value) ? value as Record<string, unknown> : { value };
}

function cellText(cell: unknown): string {
  return typeof cell === "string" ? cell : JSON.stringify(cell) ?? "";
}
