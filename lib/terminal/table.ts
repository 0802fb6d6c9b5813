/**
 * Values as a table, for people: in a terminal, and in a notebook.
 *
 * @module
 */

import { cutText, padText, textWidth } from "./text_width.ts";

/** A table, as it is shown. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How wide a table may be, and how it is painted. */
export interface TableOptions {
  /** The most columns that a line may take: what is longer is cut. @default {Infinity} */
  readonly columns?: number;
  /** How many of the first columns are cut last: names, which somebody may copy. @default {0} */
  readonly kept?: number;
  /**
   * Paints a cell when it has got its width, from its text and the name of its column, or of its
   * row where columns have none.
   *
   * @default {as it is}
   */
  readonly paint?: (cell: string, text: string, name: string) => string;
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
export function toTable(values: readonly unknown[], maxCell = Infinity): Table {
  const all = values.map(cells);
  const head = [...new Set(all.flatMap((row) => Object.keys(row)))];
  return { head, rows: all.map((row) => toRow(row, head, maxCell)) };
}

/** The cells of a value, for the columns of a table. */
export function toRow(
  value: Readonly<Record<string, string>>,
  head: readonly string[],
  maxCell = Infinity,
): string[] {
  return head.map((key) => cutText((value[key] ?? "").replaceAll(/\s+/g, " "), maxCell));
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
export function textTable(table: Table, options?: TableOptions): string {
  const layout = new TableLayout(table, options);
  return [layout.head, ...table.rows.map((row) => layout.line(row))].join("\n");
}

/** The same of rows that need no head. */
export function textRows(rows: readonly (readonly string[])[], options?: TableOptions): string {
  const layout = new TableLayout({ head: (rows[0] ?? []).map(() => ""), rows }, options);
  return rows.map((row) => layout.line(row)).join("\n");
}

/** How wide the columns of a table are; rows may follow that were not looked at. */
export class TableLayout {
  #table: Table;
  #options: TableOptions;
  #widths: readonly number[];
  #isNumber: readonly boolean[];

  /** The layout that some rows ask for. */
  constructor(table: Table, options: TableOptions = {}) {
    const { head, rows } = this.#table = table;
    this.#options = options;
    const widthOf = (i: number) =>
      rows.reduce((most, row) => Math.max(most, textWidth(row[i]!)), textWidth(head[i]!));
    this.#widths = fit(head.map((_, i) => widthOf(i)), options);
    this.#isNumber = head.map((_, i) =>
      rows.length > 0 && rows.every((row) => /^[\d.]*$/.test(row[i]!))
    );
  }

  /** The line with the names of the columns. */
  get head(): string {
    return this.#line(this.#table.head, (cell) => cell);
  }

  /** The line of a row. */
  line(row: readonly string[]): string {
    const { paint = (cell) => cell } = this.#options;
    return this.#line(row, (cell, i) => paint(cell, row[i]!, this.#table.head[i] || row[0]!));
  }

  #line(row: readonly string[], paint: (cell: string, i: number) => string): string {
    let room = this.#options.columns ?? Infinity;
    const cells: string[] = [];
    for (const [i, width] of this.#widths.entries()) {
      const most = Math.min(width, room);
      if (most <= 0) break;
      cells.push(paint(padText(cutText(row[i]!, most), most, this.#isNumber[i]), i));
      room -= most + GAP.length;
    }
    return cells.join(GAP).trimEnd();
  }
}

const GAP = "  ", LEAST_WIDTH = 4;

/** Takes room from the widest columns until all fit, as far as that goes. */
function fit(wanted: readonly number[], { columns = Infinity, kept = 0 }: TableOptions): number[] {
  const widths = wanted.map((width) => Math.min(width, columns));
  const sum = () => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  for (let excess = sum() - columns; excess > 0; excess--) {
    const widest = Math.max(...widths.slice(kept));
    if (widest <= LEAST_WIDTH) break;
    widths[widths.indexOf(widest, kept)] = widest - 1;
  }
  return widths;
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
