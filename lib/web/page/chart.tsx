/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * A drawing with axes.
 *
 * @module
 */

import { h, uPlot, useEffect, useRef, useState } from "./deps.ts";

/** What is drawn, and how high. */
export interface ChartProps {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  readonly height: number;
  /** Everything but its size; it is drawn anew when this changes. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
  readonly data: uPlot.AlignedData;
  /** What the x axis shows. @default {all} */
  readonly range?: readonly [number, number] | undefined;
  /** What was pressed while the drawing has the focus. */
  readonly onKey?: (event: KeyboardEvent) => void;
}

/** Draws with the colours that the styles say, as wide as there is room. */
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
      {...(onKey ? { tabIndex: 0, onKeyDown: onKey } : {})}
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

/** A colour of the page, by its name in the styles. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** An axis in the colours of the page. */
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
