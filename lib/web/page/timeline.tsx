/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The timeline chart, which shows when each worker was busy.
 *
 * @module
 */

import type { Snapshot, TimelineSpan } from "../protocol.ts";
import { axis, Chart, colour, labelSize } from "./chart.tsx";
import { h, type uPlot, useMemo, useRef, useState } from "./deps.ts";
import { durationText, plural, timeText } from "./format.ts";
import { allTime, timeAxis, timeOptions, type TimeProps, zoomByKey } from "./time_axis.ts";

const AXIS_HEIGHT = 36, LABEL_HEIGHT = 16;
const ROW_HEIGHTS = [[6, 24], [16, 18], [40, 12], [Infinity, 4]] as const;

interface TimelineProps extends TimeProps {
  readonly onOpen: (id: number) => void;
}

/** Shows a row of spans for each worker, and the tasks of the span under the pointer. */
export function TimelineChart({ snapshot, now, zoom, onZoom, onOpen }: TimelineProps) {
  const { workers, spans, more } = snapshot.timeline;
  const [pointed, setPointed] = useState<TimelineSpan>();
  const live = useRef(snapshot);
  live.current = snapshot;
  const rows = workers.length;
  // A run on other machines may have as many workers, with other names.
  const options = useMemo(
    () => timelineOptions({ live, rows, onZoom, onPoint: setPointed, onOpen }),
    [workers.join("\n")],
  );
  // A hook draws the spans, so the chart's data contains only the two corners of the chart.
  const data = useMemo(() => [[...allTime(snapshot, now)], [0, 0]] as uPlot.AlignedData, [
    snapshot,
  ]);
  if (spans.length === 0) return <p class="empty">No worker has finished a task.</p>;
  return (
    <div>
      <Chart
        label={`Timeline of ${plural(rows, "worker")}`}
        height={rows * rowHeight(rows) + AXIS_HEIGHT}
        options={options}
        data={data}
        range={zoom ?? allTime(snapshot, now)}
        onKey={(event) => zoomByKey(event, zoom ?? allTime(snapshot, now), onZoom)}
      />
      <p class="note pointed">
        {pointed ? spanText(snapshot, pointed) : hint(more, now !== undefined)}
      </p>
    </div>
  );
}

function hint(more: number, isRunning: boolean): string {
  const running = isRunning ? " Running tasks appear when they finish." : "";
  const rest = more > 0 ? ` ${plural(more, "more worker")} not shown.` : "";
  return `Point at a span to see its tasks. Drag or press + to zoom in.${running}${rest}`;
}

function rowHeight(rows: number): number {
  return ROW_HEIGHTS.find(([most]) => rows <= most)![1];
}

function spanText(
  { timeline }: Snapshot,
  [worker, from, to, , id, count, failed]: TimelineSpan,
): string {
  const what = count === 1 ? `task ${id}` : `${plural(count, "task")} starting at task ${id}`;
  const bad = failed === 0 ? "" : count === 1 ? ", failed" : `, ${failed} failed`;
  const name = timeline.workers[worker];
  return `Worker ${name}: ${what}${bad}, ${durationText(to - from)} from ${timeText(from)}`;
}

interface Drawing {
  readonly live: { readonly current: Snapshot };
  readonly rows: number;
  readonly onZoom: TimeProps["onZoom"];
  readonly onPoint: (span: TimelineSpan | undefined) => void;
  readonly onOpen: (id: number) => void;
}

function timelineOptions({ live, rows, onZoom, onPoint, onOpen }: Drawing) {
  const shared = timeOptions(onZoom);
  const names = live.current.timeline.workers;
  return {
    ...shared,
    axes: [
      timeAxis(),
      axis({
        grid: { show: false },
        size: labelSize,
        splits: () => labelled(rows),
        values: (_, all) => all.map((at) => names[Math.floor(at)] ?? ""),
      }),
    ],
    scales: { x: { time: false }, y: { range: [0, rows] as [number, number], dir: -1 as const } },
    series: [{}, { show: true, paths: () => null, points: { show: false } }],
    hooks: {
      ...shared.hooks,
      draw: [(plot: uPlot) => drawSpans(plot, live.current)],
      setCursor: [(plot: uPlot) => onPoint(spanAt(plot, live.current))],
      ready: [(plot: uPlot) => {
        plot.over.addEventListener("click", () => {
          const span = spanAt(plot, live.current);
          if (span) onOpen(span[4]);
        });
      }],
    },
  } satisfies Partial<uPlot.Options>;
}

/**
 * Returns the vertical centres of the labelled rows, in units of one row. Low rows share a label.
 */
function labelled(rows: number): number[] {
  const every = Math.ceil(LABEL_HEIGHT / rowHeight(rows));
  return Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every + 0.5);
}

function drawSpans(plot: uPlot, { timeline, rate }: Snapshot): void {
  const { ctx, bbox } = plot;
  const [accent, bad, track] = ["accent", "bad", "track"].map(colour) as [string, string, string];
  const height = bbox.height / timeline.workers.length, gap = Math.min(height / 5, 6);
  const x = (ms: number) => plot.valToPos((ms - rate.from) / 1000, "x", true);
  const fill = (row: number, left: number, right: number) =>
    ctx.fillRect(left, bbox.top + row * height + gap / 2, right - left, height - gap);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = track;
  timeline.workers.forEach((_, row) => fill(row, bbox.left, bbox.left + bbox.width));
  for (const [row, from, to, busy, , count, failed] of timeline.spans) {
    const left = x(from), right = Math.max(left + 1, x(to) - (count === 1 ? 1 : 0));
    // A span is paler when it includes breaks that are too short to show.
    ctx.globalAlpha = 0.35 + 0.65 * Math.min(1, busy / Math.max(1, to - from));
    ctx.fillStyle = accent;
    fill(row, left, right);
    ctx.globalAlpha = 1;
    ctx.fillStyle = bad;
    if (failed > 0) fill(row, failedFrom(left, right, failed / count), right);
  }
  ctx.restore();
}

const LEAST_FAILED = 2;

/** Returns the left edge of the part of a span that shows its failed tasks, in pixels. */
function failedFrom(left: number, right: number, part: number): number {
  return Math.max(left, right - Math.max(LEAST_FAILED, part * (right - left)));
}

function spanAt(plot: uPlot, { timeline, rate }: Snapshot): TimelineSpan | undefined {
  const { left = -1, top = -1 } = plot.cursor;
  if (left < 0 || top < 0) return undefined;
  const row = Math.floor(plot.posToVal(top, "y"));
  const time = rate.from + plot.posToVal(left, "x") * 1000;
  // Accept a distance of three pixels, because short spans are hard to hit.
  const near = (plot.posToVal(3, "x") - plot.posToVal(0, "x")) * 1000;
  return timeline.spans.find(([worker, from, to]) =>
    worker === row && from - near <= time && time <= to + near
  );
}
