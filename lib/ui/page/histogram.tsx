/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * How many tasks took how long.
 *
 * @module
 */

import { binEnd } from "../snapshot.ts";
import { h } from "./deps.ts";
import { durationText, plural } from "./format.ts";

/** Bars for times, each about a half longer than the one before it. */
export function Histogram({ times }: { readonly times: readonly number[] }) {
  const total = times.reduce((sum, count) => sum + count, 0);
  if (total === 0) return <p class="empty">No task has ended yet.</p>;
  const first = Math.max(0, times.findIndex((count) => count > 0) - 1);
  const shown = [...times.slice(first), 0], most = Math.max(...shown);
  return (
    <div class="histogram">
      <p class="note">
        Half took less than {durationText(quantile(times, total / 2))}, 95 % less than{" "}
        {durationText(quantile(times, total * 0.95))}
      </p>
      <ol>
        {shown.map((count, i) => (
          <li key={i} title={`${rangeText(first + i)}: ${plural(count, "task")}`}>
            {count > 0 && <i style={{ height: `${100 * count / most}%` }} />}
            {isLabelled(first + i, i, shown.length) && (
              <span>{durationText(round(binEnd(first + i - 1)))}</span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function rangeText(bin: number): string {
  const end = durationText(round(binEnd(bin)));
  return bin === 0 ? `less than ${end}` : `${durationText(round(binEnd(bin - 1)))} to ${end}`;
}

/** An edge in two digits: that of a part is no round number. */
function round(ms: number): number {
  return Number(ms.toPrecision(2));
}

/** Powers of ten have a label; where there is none of them, the middle has. */
function isLabelled(bin: number, i: number, length: number): boolean {
  const every = length > 12 ? 5 : 2;
  return bin > 0 && i < length && (bin - 1) % every === 0;
}

/** The end of the part in which a task of that rank stands. */
function quantile(times: readonly number[], rank: number): number {
  let sum = 0;
  const bin = times.findIndex((count) => (sum += count) >= rank);
  return round(binEnd(bin < 0 ? times.length - 1 : bin));
}
