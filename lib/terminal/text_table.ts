/**
 * Formats tables for terminals.
 *
 * @module
 */

import { escapeLine } from "./escape.ts";
import type { Table } from "./table.ts";
import { cutText, padText, textWidth } from "./text_width.ts";

/** The width and the colours of a table. */
export interface TableOptions {
  /** The maximum width of a line, in terminal columns; longer lines are cut. @default {Infinity} */
  readonly columns?: number | undefined;
  /**
   * The number of leading table columns that are cut last, such as ids that users copy.
   *
   * @default {0}
   */
  readonly kept?: number | undefined;
  /**
   * Colours a padded cell, given its text without padding and the name of its column. The name is
   * the first cell of the row when columns have no names.
   *
   * @default {no colours}
   */
  readonly paint?: ((cell: string, text: string, name: string) => string) | undefined;
}

/**
 * Formats a table as lines of aligned columns. Columns of numbers are right-aligned. Control
 * characters in the cells are escaped.
 *
 * @example
 * ```ts
 * import { toTable } from "./table.ts";
 * import { textTable } from "./text_table.ts";
 *
 * const text = textTable(toTable([{ name: "Fiji", area: 19 }, { name: "Mali" }]));
 * if (text !== "name  area\nFiji    19\nMali") throw new Error(text);
 * ```
 */
export function textTable(table: Table, options?: TableOptions): string {
  const layout = new TableLayout(table, options);
  return [layout.head, ...table.rows.map((row) => layout.line(row))].join("\n");
}

/** Formats rows without a head as lines of aligned columns. */
export function textRows(rows: readonly (readonly string[])[], options?: TableOptions): string {
  const layout = new TableLayout({ head: (rows[0] ?? []).map(() => ""), rows }, options);
  return rows.map((row) => layout.line(row)).join("\n");
}

/** The column widths of a table. The widths also apply to rows that are read later. */
export class TableLayout {
  #table: Table;
  #options: TableOptions;
  #widths: readonly number[];
  #isNumber: readonly boolean[];

  /** Computes the widths from the head and the rows of a table. */
  constructor(table: Table, options: TableOptions = {}) {
    const { head, rows } = this.#table = table;
    this.#options = options;
    const widthOf = (i: number) =>
      rows.reduce((most, row) => Math.max(most, textWidth(escapeLine(row[i]!))), 0);
    this.#widths = fit(
      head.map((name) => textWidth(escapeLine(name))),
      head.map((_, i) => widthOf(i)),
      options,
    );
    this.#isNumber = head.map((_, i) =>
      rows.length > 0 && rows.every((row) => /^[\d.]*$/.test(row[i]!))
    );
  }

  /** The line with the names of the columns. */
  get head(): string {
    return this.#line(this.#table.head, (cell) => cell);
  }

  /** Formats a row as a line. */
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
      const text = cutText(escapeLine(row[i]!), most);
      cells.push(paint(padText(text, most, this.#isNumber[i]), i));
      room -= most + GAP.length;
    }
    return cells.join(GAP).trimEnd();
  }
}

const GAP = "  ", LEAST_WIDTH = 4, LEAST_HEAD = 6;

/**
 * Narrows columns until the line fits: first those whose name is wider than their cells, then the
 * widest ones, until all of these columns have the minimum width.
 */
function fit(
  names: readonly number[],
  cells: readonly number[],
  { columns = Infinity, kept = 0 }: TableOptions,
): number[] {
  const widths = names.map((name, i) => Math.min(Math.max(name, cells[i]!), columns));
  const sum = () => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  for (let excess = sum() - columns; excess > 0; excess--) {
    const named = widths.findIndex((width, i) =>
      i >= kept && width > Math.max(cells[i]!, LEAST_HEAD)
    );
    const widest = Math.max(...widths.slice(kept));
    if (widest <= LEAST_WIDTH) break;
    widths[named >= 0 ? named : widths.indexOf(widest, kept)]!--;
  }
  return widths;
}
