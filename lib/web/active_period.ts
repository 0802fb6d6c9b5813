/**
 * The time in which a job runs without a long pause.
 *
 * @module
 */

import type { Span } from "../journal/format.ts";
import { RateCounter } from "./rate.ts";
import { TimelineKeeper } from "./timeline.ts";

// A longer pause between spans means that the job was resumed.
const IDLE_MS = 60_000;

/** The time from a start or a resumption of a job until the job stops. */
export class ActivePeriod {
  /** The tasks that ended, over time. */
  readonly rate = new RateCounter();
  /** The busy times of the workers. */
  readonly timeline = new TimelineKeeper();
  #end = -Infinity;

  /**
   * Creates a period without spans.
   *
   * @param earlier the number of periods before it
   * @param start the time of its start, in milliseconds since 1970
   */
  constructor(readonly earlier = 0, readonly start = -Infinity) {}

  /**
   * Returns the period that a span belongs to: this period, or a new one after a pause of more than
   * 60 s.
   */
  after({ from }: Span): ActivePeriod {
    const isNew = this.#end !== -Infinity && from > this.#end + IDLE_MS;
    return isNew ? new ActivePeriod(this.earlier + 1, from) : this;
  }

  /** Adds a span, or the part of it that is in the period. */
  add(span: Span): void {
    this.#end = Math.max(this.#end, span.to);
    const inside = { ...span, from: Math.max(span.from, this.start) };
    this.rate.add(inside);
    this.timeline.add(inside);
  }
}
