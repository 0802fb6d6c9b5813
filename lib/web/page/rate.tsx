/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * How many tasks ended a second, over time; and the axis of time, which others share.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { axis, Chart, colour } from "./chart.tsx";
import { h, type uPlot, uPlot as Plot, useMemo } from "./deps.ts";
import { clockText, compactText, shortNumber } from "./format.ts";

/** A part of the time, in seconds since the start. */
export type Zoom = readonly [number, number];

/** What a drawing over time is given. */
export interface TimeProps {
  readonly snapshot: Snapshot;
  /** The time it is, as long as the job runs. */
  readonly now: number | undefined;
  readonly zoom: Zoom | undefined;
  readonly onZoom: (zoom: Zoom | undefined) => void;
}

/** Draws the rate as an area. */
export function RateChart({ snapshot, now, zoom, onZoom }: TimeProps) {
  const data = useMemo(() => rateData(snapshot, now), [snapshot]);
  const options = useMemo(() => rateOptions(onZoom), []);
  const peak = Math.max(0, ...data[1]);
  if (data[0].length === 0) return <p class="empty">No task has ended yet.</p>;
  return (
    <Chart
      label={`Tasks a second over time, at most ${shortNumber(peak)}`}
      height={236}
      {...{ options, data }}
      range={zoom ?? allTime(snapshot, now)}
      onKey={(event) => zoomByKey(event, zoom ?? allTime(snapshot, now), onZoom)}
    />
  );
}

/** All the time that there is to show. */
export function allTime({ rate, timeline }: Snapshot, now: number | undefined): Zoom {
  const end = Math.max(rate.from + 1, now ?? 0, ...timeline.spans.map(([, , to]) => to));
  return [0, (end - rate.from) / 1000];
}

function rateData(
  { rate: { from, step, counts } }: Snapshot,
  now: number | undefined,
): [number[], number[]] {
  const parts = partsOf(counts), width = step * parts;
  const xs: number[] = [], ys: number[] = [];
  for (let i = 0; i < counts.length; i += parts) {
    // What happens in the last part is not known yet.
    if (now !== undefined && i > 0 && from + i * step + width > now) break;
    xs.push(i * step / 1000);
    ys.push(sumOf(counts.slice(i, i + parts)) / width * 1000);
  }
  // The last part has an end, too.
  if (xs.length > 0) {
    xs.push(xs.at(-1)! + width / 1000);
    ys.push(ys.at(-1)!);
  }
  return [xs, ys];
}

const LEAST_ENDS = 5, LEAST_PARTS = 20;

/** How many parts are shown as one: with few ends in each, a rate would be chance. */
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
  const accent = colour("accent");
  return {
    ...timeOptions(onZoom),
    axes: [timeAxis(), axis({ values: (_, all) => all.map(compactText), size: 44 })],
    scales: {
      x: { time: false },
      y: { range: (_: uPlot, _min: number, max: number): [number, number] => [0, max * 1.1 || 1] },
    },
    series: [{}, {
      stroke: accent,
      width: 1.5,
      fill: `color-mix(in srgb, ${accent} 18%, transparent)`,
      paths: Plot.paths.stepped!({ align: 1 }),
      points: { show: false },
    }],
  } satisfies Partial<uPlot.Options>;
}

/** What drawings over time have in common. */
export function timeOptions(onZoom: TimeProps["onZoom"]) {
  return {
    legend: { show: false },
    padding: [8, 20, 0, 0] as [number, number, number, number],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [(plot: uPlot) => {
        const { left, width } = plot.select;
        if (width < 4) return;
        onZoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]
  .concat([1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * 3600));

/** Seconds since the start. */
export function timeAxis(): uPlot.Axis {
  return axis({
    incrs: STEPS,
    space: 70,
    size: 28,
    values: (_, all) => all.map(clockText),
    grid: { show: false },
  });
}

/** Arrows move along the time, plus and minus make it longer or shorter. */
export function zoomByKey(
  event: KeyboardEvent,
  [from, to]: Zoom,
  onZoom: TimeProps["onZoom"],
): void {
  const length = to - from,
    moves: Readonly<Record<string, Zoom>> = {
      ArrowLeft: [from - length / 4, to - length / 4],
      ArrowRight: [from + length / 4, to + length / 4],
      "+": [from + length / 4, to - length / 4],
      "-": [from - length / 2, to + length / 2],
    };
  if (event.key !== "Escape" && !moves[event.key]) return;
  event.preventDefault();
  onZoom(moves[event.key]);
}
