/**
 * Formats tables for notebooks.
 *
 * @module
 */

import { escapeHtml } from "../util/text/escape_html.ts";
import type { Table } from "./table.ts";

/** Formats a table as HTML. The cells are escaped. */
export function htmlTable({ head, rows }: Table): string {
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${row(head, "th")}</thead>` +
    `<tbody>${rows.map((cells) => row(cells, "td")).join("")}</tbody></table>`;
}
