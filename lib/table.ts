/**
 * Values as a table, for people: in a terminal, and in a notebook.
 *
 * @module
 */

/** A table, as it is shown. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The table of some values: a column for each key of theirs.
 *
 * @example
 * ```ts
 * import { textTable, toTable } from "./table.ts";
 *
 * const text = textTable(toTable([{ name: "Fiji", area: 19 }, { name: "Mali" }]));
 * if (text !== "name  area\nFiji    19\nMali") throw new Error(text);
 * ```
 */
export function toTable(values: readonly unknown[]): Table {
  const all = values.map(cells);
  const head = [...new Set(all.flatMap((row) => Object.keys(row)))];
  return { head, rows: all.map((row) => head.map((key) => shorten(row[key] ?? ""))) };
}

/** The columns of a value: an object's keys, else one that is called value. */
export function cells(value: unknown): Record<string, string> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = Object.entries(isObject ? value : { value });
  return Object.fromEntries(entries.map(([key, cell]) => [key, cellText(cell)]));
}

function cellText(cell: unknown): string {
  return typeof cell === "string" ? cell : JSON.stringify(cell) ?? "";
}

/** Columns that align; numbers stand at the right. */
export function textTable({ head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const isNumber = head.map((_, i) =>
    rows.length > 0 && rows.every((row) => /^[\d.]*$/.test(row[i]!))
  );
  const pad = (text: string, i: number) =>
    isNumber[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return all.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** The same for a notebook. */
export function htmlTable({ head, rows }: Table): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${row(head, "th")}</thead>` +
    `<tbody>${rows.map((cells) => row(cells, "td")).join("")}</tbody></table>`;
}

/** A text as a browser shows it, whatever stands in it. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const MAX_CELL = 60;

function shorten(text: string): string {
  const line = text.replaceAll("\n", " ");
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL - 3)}...` : line;
}
