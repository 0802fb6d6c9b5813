/** What a bench found. */
export interface Report {
  /** What was measured, in one sentence. */
  readonly title: string;
  /** One line each; all have the same keys. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** A number as short as it may be without hiding a difference that counts. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** The report as a table for people. */
export function tableText({ title, rows }: Report): string {
  const head = Object.keys(rows[0] ?? {});
  const cells = [head, ...rows.map((row) => head.map((key) => String(row[key])))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const isText = head.map((key) => rows.every((row) => typeof row[key] === "string"));
  const pad = (text: string, column: number) =>
    isText[column] ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return [title, ...cells.map((row) => row.map(pad).join("  ").trimEnd())].join("\n");
}
