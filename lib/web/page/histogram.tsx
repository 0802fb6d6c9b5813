/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The histogram of task durations.
 *
 * @module
 */

import { binEnd } from "../protocol.ts";
import { h } from "./deps.ts";
import { durationText, edgeText, plural } from "./format.ts";

/** Shows a bar for each bin of durations. The bins are logarithmic, ten per factor of ten. */
export function Histogram({ times, longest }: {
  readonly times: readonly number[];
  /** The duration of the slowest task in milliseconds, if known. */
  readonly longest: number | undefined;
}) {
  const total = times.reduce((sum, count) => sum + count, 0);
  if (total === 0) return <p class="empty">No task has finished.</p>;
  const shown = shownOf(times), most = Math.max(...shown.values());
  return (
    <div class="histogram">
      <p class="note">{quantileText(times, total, longest)}</p>
      <ol>
        {[...shown].map(([bin, count], i) => (
          <li key={bin} title={`${rangeText(bin)}: ${plural(count, "task")}`}>
            {count > 0 && <i style={{ height: `${100 * count / most}%` }} />}
            {i > 0 && isLabelled(bin, shown.size) && <span>{edgeText(binEnd(bin - 1))}</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}

// Fewer bars than the minimum would look like blocks. With more bars than the first maximum, only the
// labels of powers of ten fit, and with more than the second one, every other of these.
const LEAST_BARS = 12, MOST_LABELLED = 20, MOST_POWERS = 60;

/** Returns the counts by bin, padded with empty bins on both sides. */
function shownOf(times: readonly number[]): ReadonlyMap<number, number> {
  const least = times.findIndex((count) => count > 0);
  const around = Math.max(1, Math.floor((LEAST_BARS - times.length + least) / 2));
  const first = Math.max(0, least - around), length = times.length + around - first;
  return new Map(Array.from({ length }, (_, i) => [first + i, times[first + i] ?? 0]));
}

function rangeText(bin: number): string {
  const end = edgeText(binEnd(bin));
  return bin === 0 ? `less than ${end}` : `${edgeText(binEnd(bin - 1))} to ${end}`;
}

/**
 * Returns true for a bin that starts at 1, 2 or 5 times a power of ten. With many bars, only powers
 * of ten have a label, or every other one.
 */
function isLabelled(bin: number, bars: number): boolean {
  const step = (bin + 9) % (bars <= MOST_POWERS ? 10 : 20);
  return bin > 0 && (step === 0 || (bars <= MOST_LABELLED && (step === 3 || step === 7)));
}

/** Returns a duration that half of the attempts did not exceed; `undefined` before any has ended. */
export function medianOf(times: readonly number[]): number | undefined {
  const total = times.reduce((sum, count) => sum + count, 0);
  return total > 0 ? quantile(times, total / 2) : undefined;
}

/**
 * Formats durations that half and 95 % of the attempts did not exceed, and the longest one.
 *
 * @param total the number of attempts
 * @param longest the duration of the slowest task in milliseconds, if known
 */
export function quantileText(
  times: readonly number[],
  total: number,
  longest: number | undefined,
): string {
  const [half, most] = [0.5, 0.95].map((part) => {
    const edge = quantile(times, part * total);
    // No attempt took longer than the longest, whose text is rounded in another way.
    return longest !== undefined && edge >= longest ? durationText(longest) : edgeText(edge);
  });
  const start = half === most ? "" : `Half within ${half}, `;
  const end = longest === undefined ? "" : `, the longest ${durationText(longest)}`;
  return `${start}95% within ${most}${end}`;
}

/**
 * Returns the upper edge of the bin that contains the attempt with a given rank, in milliseconds.
 */
function quantile(times: readonly number[], rank: number): number {
  let sum = 0;
  const bin = times.findIndex((count) => (sum += count) >= rank);
  return binEnd(bin < 0 ? times.length - 1 : bin);
}
