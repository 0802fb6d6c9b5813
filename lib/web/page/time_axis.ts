/**
 * The time axis that several charts share, with zooming.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { axis, colour } from "./chart.tsx";
import type { uPlot } from "./deps.ts";
import { clockText } from "./format.ts";

/** The visible range of time, in seconds since the first interval of the rate. */
export type Zoom = readonly [number, number];

/** The properties of a chart over time. */
export interface TimeProps {
  /** The state of the job, with the data to draw. */
  readonly snapshot: Snapshot;
  /**
   * The current time in milliseconds since the Unix epoch; `undefined` when the job is not running.
   */
  readonly now: number | undefined;
  /** The visible range of time; `undefined` to show the whole range. */
  readonly zoom: Zoom | undefined;
  /** The handler for zooming; receives `undefined` to show the whole range. */
  readonly onZoom: (zoom: Zoom | undefined) => void;
}

/** Returns the range of time since the last start of a job. */
export function allTime({ rate, timeline }: Snapshot, now: number | undefined): Zoom {
  const end = Math.max(rate.from + 1, now ?? 0, ...timeline.spans.map(([, , to]) => to));
  return [0, (end - rate.from) / 1000];
}

/** Returns the uPlot options that time charts share. Dragging selects the range to zoom to. */
export function timeOptions(onZoom: TimeProps["onZoom"]) {
  return {
    legend: { show: false },
    // The last label is as wide as `100:00:00`.
    padding: [8, 36, 0, 0] as [number, number, number, number],
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

/**
 * Returns the uPlot options of an area over time, whose values begin at 0.
 *
 * @param values the axis of the values
 * @param shape further options of the area
 */
export function areaOptions(
  values: uPlot.Axis,
  onZoom: TimeProps["onZoom"],
  shape: Partial<uPlot.Series> = {},
) {
  const accent = colour("accent");
  return {
    ...timeOptions(onZoom),
    axes: [timeAxis(), values],
    scales: {
      x: { time: false },
      y: { range: (_: uPlot, _min: number, max: number): [number, number] => [0, max * 1.1 || 1] },
    },
    series: [{}, {
      stroke: accent,
      width: 1.5,
      fill: `color-mix(in srgb, ${accent} 18%, transparent)`,
      points: { show: false },
      ...shape,
    }],
  } satisfies Partial<uPlot.Options>;
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]
  .concat([1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * 3600));

/** Creates the time axis, in seconds since the start. */
export function timeAxis(): uPlot.Axis {
  return axis({
    incrs: STEPS,
    space: 70,
    size: 28,
    values: (_, all) => all.map(clockText),
    grid: { show: false },
  });
}

/**
 * Handles a key: the arrow keys move the visible range, `+` and `-` zoom, and Escape resets the
 * zoom.
 */
export function zoomByKey(
  event: KeyboardEvent,
  [from, to]: Zoom,
  onZoom: TimeProps["onZoom"],
): void {
  const length = to - from;
  const moves: Readonly<Record<string, Zoom>> = {
    ArrowLeft: [from - length / 4, to - length / 4],
    ArrowRight: [from + length / 4, to + length / 4],
    "+": [from + length / 4, to - length / 4],
    "-": [from - length / 2, to + length / 2],
  };
  if (event.key !== "Escape" && !moves[event.key]) return;
  event.preventDefault();
  onZoom(moves[event.key]);
}
