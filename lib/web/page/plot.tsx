/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A scatter plot of numeric fields in results.
 *
 * @module
 */

import { valueAt } from "../../values/value_at.ts";
import type { Sample } from "../protocol.ts";
import { axis, Chart, colour, labelSize } from "./chart.tsx";
import { h, type uPlot, useMemo, useState } from "./deps.ts";
import { axisTexts } from "./format.ts";
import { Select } from "./parts.tsx";
import { numberOf } from "./shown_json.ts";

const MAX_ROWS = 200;
const MAX_FIELDS = 30;
const DEPTH = 3;
const TASK = "task";

/**
 * Returns the paths of at most 30 numeric fields in results, such as `area` or `centroid.0`. The
 * path of a result that is itself a number is `value`.
 */
export function fieldsOf(rows: Sample["rows"]): string[] {
  const found = new Set<string>();
  for (const { result } of rows.slice(0, MAX_ROWS)) addFields(result, "", 0, found);
  return [...found].slice(0, MAX_FIELDS);
}

function addFields(value: unknown, name: string, depth: number, found: Set<string>): void {
  if (numberOf(value) !== undefined) return void found.add(name || "value");
  if (typeof value !== "object" || value === null || depth === DEPTH) return;
  // Treat a longer array as data rather than fields.
  if (Array.isArray(value) && value.length > 4) return;
  for (const [key, inner] of Object.entries(value)) {
    addFields(inner, name ? `${name}.${key}` : key, depth + 1, found);
  }
}

/** Returns the number in a field of a result, or `undefined` when the field is not a number. */
export function numberAt(result: unknown, field: string): number | undefined {
  const own = field === "value" ? numberOf(result) : undefined;
  return own ?? numberOf(valueAt(result, field));
}

/** Plots one field against the task id or another field. */
export function ResultPlot({ sample: { rows }, fields }: {
  readonly sample: Sample;
  readonly fields: readonly string[];
}) {
  const [y, setY] = useState(fields[0]!);
  const [x, setX] = useState(TASK);
  const data = useMemo(() => points(rows, x, y), [rows, x, y]);
  const options = useMemo(plotOptions, []);
  return (
    <div>
      <p class="tools">
        <Select label="Show" options={fields} value={y} onChange={setY} />
        <Select label="over" options={[TASK, ...fields]} value={x} onChange={setX} />
      </p>
      <Chart label={`${y} over ${x}`} height={280} options={options} data={data} />
    </div>
  );
}

function points(rows: Sample["rows"], x: string, y: string): [number[], number[]] {
  const found = rows.flatMap(({ id, result }) => {
    const at = x === TASK ? id : numberAt(result, x), value = numberAt(result, y);
    return at === undefined || value === undefined ? [] : [[at, value] as const];
  });
  const sorted = found.sort(([a], [b]) => a - b);
  return [sorted.map(([at]) => at), sorted.map(([, value]) => value)];
}

function plotOptions() {
  const accent = colour("accent"), fill = `color-mix(in srgb, ${accent} 45%, transparent)`;
  const values = (_: uPlot, all: number[]) => axisTexts(all);
  return {
    legend: { show: false },
    padding: [8, 12, 0, 0] as [number, number, number, number],
    cursor: { show: false },
    scales: { x: { time: false } },
    axes: [axis({ values, space: 80 }), axis({ values, size: labelSize })],
    series: [{}, {
      paths: () => null,
      points: { show: true, size: 5, width: 0, fill, stroke: accent },
    }],
  };
}
