/**
 * Records when workers were busy, in a bounded number of spans.
 *
 * @module
 */

import type { Span } from "../journal/format.ts";
import type { Timeline, TimelineSpan } from "./protocol.ts";

const MAX_SPANS = 3000;
const MAX_WORKERS = 200;
const BY_NUMBER = new Intl.Collator("en", { numeric: true });

/** One span, or several merged spans. */
interface Merged {
  readonly from: number;
  to: number;
  busy: number;
  readonly id: number;
  count: number;
  failed: number;
}

/**
 * Keeps the spans of at most 200 workers, and merges spans that a chart could not show separately.
 */
export class TimelineKeeper {
  #workers = new Map<string, Merged[]>();
  #count = 0;
  #resolution = 0;
  #more = new Set<string>();

  /** Adds a span. Drops spans of new workers once the limit is reached. */
  add(span: Span): void {
    const spans = this.#spansOf(span.worker);
    if (!spans) return void this.#more.add(span.worker);
    const { from, to, id, count, failed = 0 } = span;
    const next = { from, to, busy: to - from, id, count, failed };
    if (this.#isJoined(spans.at(-1), next)) return;
    spans.push(next);
    if (++this.#count > MAX_SPANS) this.#coarsen();
  }

  /** Returns the spans so far, with the workers sorted by name. */
  snapshot(): Omit<Timeline, "earlier"> {
    const rows = [...this.#workers].sort(([a], [b]) => BY_NUMBER.compare(a, b));
    const spans = rows.flatMap(([, spans], worker) =>
      spans.map(({ from, to, busy, id, count, failed }): TimelineSpan => //
      [worker, from, to, busy, id, count, failed])
    );
    return { workers: rows.map(([name]) => name), spans, more: this.#more.size };
  }

  #spansOf(worker: string): Merged[] | undefined {
    const spans = this.#workers.get(worker);
    if (spans || this.#workers.size >= MAX_WORKERS) return spans;
    const none: Merged[] = [];
    this.#workers.set(worker, none);
    return none;
  }

  /**
   * Merges a span into the previous one if a chart cannot show them separately. Returns true if the
   * spans were merged.
   */
  #isJoined(last: Merged | undefined, next: Merged): boolean {
    if (!last || next.to - last.from > this.#resolution) return false;
    last.to = Math.max(last.to, next.to);
    last.busy += next.busy;
    last.count += next.count;
    last.failed += next.failed;
    return true;
  }

  /** Merges spans more coarsely, until at most half of the maximum number remain. */
  #coarsen(): void {
    const all = [...this.#workers.values()].flat();
    const length = all.reduce((end, { to }) => Math.max(end, to), 0) -
      all.reduce((start, { from }) => Math.min(start, from), Infinity);
    this.#resolution = Math.max(this.#resolution * 2, length / MAX_SPANS, 1);
    this.#count = 0;
    for (const [worker, spans] of this.#workers) {
      const kept: Merged[] = [];
      for (const span of spans) if (!this.#isJoined(kept.at(-1), span)) kept.push(span);
      this.#workers.set(worker, kept);
      this.#count += kept.length;
    }
    if (this.#count > MAX_SPANS / 2) this.#coarsen();
  }
}
