/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The chart of finished tasks per second over time.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { axis, Chart, labelSize } from "./chart.tsx";
import { h, uPlot as Plot, useMemo } from "./deps.ts";
import { axisTexts, shortNumber } from "./format.ts";
import { allTime, areaOptions, type TimeProps, zoomByKey } from "./time_axis.ts";

/** Shows the number of finished tasks per second as an area chart. */
export function RateChart({ snapshot, now, zoom, onZoom }: TimeProps) {
  const data = useMemo(() => rateData(snapshot, now), [snapshot]);
  const options = useMemo(() => rateOptions(onZoom), []);
  const peak = Math.max(0, ...data[1]);
  if (data[0].length === 0) return <p class="empty">No task has finished.</p>;
  return (
    <Chart
      label={`Tasks per second over time, at most ${shortNumber(peak)}`}
      height={236}
      options={options}
      data={data}
      range={zoom ?? allTime(snapshot, now)}
      onKey={(event) => zoomByKey(event, zoom ?? allTime(snapshot, now), onZoom)}
    />
  );
}

function rateData(
  { rate: { from, step, counts } }: Snapshot,
  now: number | undefined,
): [number[], number[]] {
  const parts = partsOf(counts), width = step * parts;
  const xs: number[] = [], ys: number[] = [];
  for (let i = 0; i < counts.length; i += parts) {
    // The last interval has not ended, so its count is incomplete.
    if (now !== undefined && i > 0 && from + i * step + width > now) break;
    xs.push(i * step / 1000);
    ys.push(sumOf(counts.slice(i, i + parts)) / width * 1000);
  }
  // An extra point at the end extends the step of the last interval to the interval's end.
  if (xs.length > 0) {
    xs.push(xs.at(-1)! + width / 1000);
    ys.push(ys.at(-1)!);
  }
  return [xs, ys];
}

const LEAST_ENDS = 5, LEAST_PARTS = 20;

/**
 * Returns the number of intervals to combine into one step. With few tasks, the rate of a single
 * interval is noisy.
 */
function partsOf(counts: readonly number[]): number {
  const total = sumOf(counts);
  let parts = 1;
  while (total / counts.length * parts < LEAST_ENDS && counts.length > LEAST_PARTS * parts) {
    parts *= 2;
  }
  return parts;
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function rateOptions(onZoom: TimeProps["onZoom"]) {
  const values = axis({ values: (_, all) => axisTexts(all), size: labelSize });
  return areaOptions(values, onZoom, { paths: Plot.paths.stepped!({ align: 1 }) });
}
