/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A chart with axes, drawn by uPlot.
 *
 * @module
 */

import { h, uPlot, useEffect, useRef } from "./deps.ts";
import { useMedia } from "./parts.tsx";

/** The properties of a chart. */
export interface ChartProps {
  /** The name of the chart for screen readers. */
  readonly label: string;
  /** The height in pixels. */
  readonly height: number;
  /** The uPlot options except the size. A new object recreates the chart. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
  /** The x values, and the y values of each series. */
  readonly data: uPlot.AlignedData;
  /** The visible range of the x axis. @default {the extent of the data} */
  readonly range?: readonly [number, number] | undefined;
  /** The handler for keys pressed while the chart has focus. */
  readonly onKey?: ((event: KeyboardEvent) => void) | undefined;
}

/** The class of what is drawn in the colours of a dark screen. Paper inverts them. */
export const DARK = "dark";

/** Draws a chart that fills the width of its container and follows the colour scheme. */
export function Chart({ label, height, options, data, range, onKey }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  useEffect(() => {
    const element = box.current!;
    const chart = new uPlot({ ...options, width: element.clientWidth, height }, data, element);
    plot.current = chart;
    chart.root.classList.toggle(DARK, isDark);
    const sizes = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      chart.destroy();
    };
  }, [isDark, options, height]);
  useEffect(() => {
    plot.current!.setData(data, false);
    const [min, max] = range ?? extent(data[0]);
    plot.current!.setScale("x", { min, max });
  }, [isDark, options, height, data, range?.[0], range?.[1]]);
  return (
    <div
      class="chart"
      ref={box}
      role="img"
      aria-label={label}
      tabIndex={onKey && 0}
      onKeyDown={onKey}
    />
  );
}

function extent(values: ArrayLike<number>): [number, number] {
  let min = Infinity, max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  return min < max ? [min, max] : min === max ? [min - 1, max + 1] : [0, 1];
}

/** Returns the value of a colour variable of the style sheet, given its name without `--`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Returns the width of the labels of an axis, from 44 to 120 pixels. Longer labels are cut off. */
export function labelSize(_plot: uPlot, labels: readonly string[] | null): number {
  const letters = Math.max(...(labels ?? []).map(({ length }) => length), 0);
  return Math.min(120, Math.max(44, 8 * letters + 14));
}

/** Creates an axis in the page's colours and font. */
export function axis(more: uPlot.Axis): uPlot.Axis {
  const [text, line] = [colour("muted"), colour("line")];
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return {
    stroke: text,
    font,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    ...more,
  };
}
