/**
 * The reports of benches.
 *
 * @module
 */

/** The result of a bench. */
export interface Report {
  /** The subject of the report, in one sentence. */
  readonly title: string;
  /** The rows. All have the same keys. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

/** Returns the median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Rounds a number to three significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** Formats a report as a table. */
export function tableText({ title, rows }: Report): string {
  const head = Object.keys(rows[0] ?? {});
  const cells = [head, ...rows.map((row) => head.map((key) => String(row[key])))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const isText = head.map((key) => rows.every((row) => typeof row[key] === "string"));
  const pad = (text: string, column: number) =>
    isText[column] ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return [title, ...cells.map((row) => row.map(pad).join("  ").trimEnd())].join("\n");
}
