/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * How many tasks took how long.
 *
 * @module
 */

import { binEnd } from "../snapshot.ts";
import { h } from "./deps.ts";
import { edgeText, plural } from "./format.ts";

/** Bars for times, each about a half longer than the one before it. */
export function Histogram({ times }: { readonly times: readonly number[] }) {
  const total = times.reduce((sum, count) => sum + count, 0);
  if (total === 0) return <p class="empty">No task has ended yet.</p>;
  const first = Math.max(0, times.findIndex((count) => count > 0) - 1);
  const shown = [...times.slice(first), 0], most = Math.max(...shown);
  return (
    <div class="histogram">
      <p class="note">{quantileText(times, total)}</p>
      <ol>
        {shown.map((count, i) => (
          <li key={i} title={`${rangeText(first + i)}: ${plural(count, "task")}`}>
            {count > 0 && <i style={{ height: `${100 * count / most}%` }} />}
            {isLabelled(first + i, i, shown.length) && (
              <span>{edgeText(binEnd(first + i - 1))}</span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function rangeText(bin: number): string {
  const end = edgeText(binEnd(bin));
  return bin === 0 ? `less than ${end}` : `${edgeText(binEnd(bin - 1))} to ${end}`;
}

/** Powers of ten have a label; where there is none of them, the middle has. */
function isLabelled(bin: number, i: number, length: number): boolean {
  const every = length > 12 ? 5 : 2;
  return bin > 0 && i < length && (bin - 1) % every === 0;
}

function quantileText(times: readonly number[], total: number): string {
  const [half, most] = [0.5, 0.95].map((part) => edgeText(quantile(times, part * total)));
  const tail = `95 % ${half === most ? "took " : ""}less than ${most}`;
  return half === most ? tail : `Half took less than ${half}, ${tail}`;
}

/** The end of the part in which a task of that rank stands. */
function quantile(times: readonly number[], rank: number): number {
  let sum = 0;
  const bin = times.findIndex((count) => (sum += count) >= rank);
  return binEnd(bin < 0 ? times.length - 1 : bin);
}
