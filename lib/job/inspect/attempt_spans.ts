/**
 * The spans of workers in a period.
 *
 * @module
 */

import type { Span } from "../../journal/format.ts";

/**
 * Yields the spans that began and ended in a period. A task may have as many spans as attempts, so
 * only those are looked at that began in the period.
 *
 * @param ordered the spans, in the order of their begins
 */
export function* spansWithin(
  ordered: readonly Span[],
  first: number,
  last: number,
): Generator<Span> {
  let low = 0;
  for (let high = ordered.length; low < high;) {
    const middle = (low + high) >> 1;
    if (ordered[middle]!.from < first) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < ordered.length && ordered[i]!.from <= last; i++) {
    if (ordered[i]!.to <= last) yield ordered[i]!;
  }
}
