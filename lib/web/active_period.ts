/**
 * The time since the last resumption of a job after a long break.
 *
 * @module
 */

import type { Span } from "../journal/format.ts";
import { RateCounter } from "./rate.ts";
import { TimelineKeeper } from "./timeline.ts";

// The charts have room for shorter breaks.
const BREAK_MS = 60_000;

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
   * Returns the period that a span belongs to: this period, or a new one after a break of more than
   * 60 s.
   *
   * @param resumed returns the time of the last start or resumption, in milliseconds since 1970. A
   * later break is a pause in the same run, as between tasks with a low rate.
   */
  after({ from }: Span, resumed: () => number): ActivePeriod {
    const hasBreak = this.#end !== -Infinity && from > this.#end + BREAK_MS;
    const isNew = hasBreak && resumed() > this.#end;
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
