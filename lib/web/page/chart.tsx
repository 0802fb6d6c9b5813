/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A chart with axes.
 *
 * @module
 */

import { h, uPlot, useEffect, useRef, useState } from "./deps.ts";

/** The data of a chart, and its height. */
export interface ChartProps {
  /** The name of the chart for screen readers. */
  readonly label: string;
  /** The height in pixels. */
  readonly height: number;
  /** All options but the size; a change creates the chart again. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
  /** The values on the axes. */
  readonly data: uPlot.AlignedData;
  /** The shown part of the x axis. @default {all} */
  readonly range?: readonly [number, number] | undefined;
  /** Called for a key that is pressed while the chart has the focus. */
  readonly onKey?: ((event: KeyboardEvent) => void) | undefined;
}

/** Draws a chart in the colours of the styles, as wide as its place. */
export function Chart({ label, height, options, data, range, onKey }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const isDark = useDark();
  useEffect(() => {
    const element = box.current!;
    const chart = new uPlot({ ...options, width: element.clientWidth, height }, data, element);
    plot.current = chart;
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

/** Returns a colour of the page by its name in the styles. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Returns an axis in the colours of the page. */
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

function useDark(): boolean {
  const [query] = useState(() => matchMedia("(prefers-color-scheme: dark)"));
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return isDark;
}
