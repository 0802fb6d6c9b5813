/**
 * The times during which a worker was busy, for the timeline of a job.
 *
 * @module
 */

import { type EventBatch, NO_EVENTS, type Span } from "../../journal/format.ts";

// Short tasks share a span, so the file of spans stays much smaller than the results.
const LEAST_MS = 100;

/** Returns one batch that contains only the span, or no batch when the span is undefined. */
export function onlySpan(span: Span | undefined): EventBatch[] {
  return span ? [{ ...NO_EVENTS, span }] : [];
}

/** Joins the busy times of a worker into spans, each with the tasks that ended in it. */
export class SpanWriter {
  #from: number;
  #to: number;
  #id = 0;
  #count = 0;
  #failed = 0;
  #setupMs = 0;

  /**
   * Creates a writer for an idle worker.
   *
   * @param worker the worker's name
   * @param now a clock in milliseconds since 1970
   */
  constructor(readonly worker: string, readonly now: () => number = Date.now) {
    this.#from = this.#to = now();
  }

  /**
   * Begins a busy time after an idle time.
   *
   * @returns the span of the previous busy time; undefined when that span was returned already
   */
  begin(): Span | undefined {
    const span = this.end();
    this.#from = this.now();
    return span;
  }

  /**
   * Adds the time that `setup` took in a worker, in milliseconds. The worker is busy from now on: the
   * start of its process is not work.
   */
  addSetup(ms: number): void {
    this.#setupMs += ms;
    if (this.#count === 0) this.#from = this.now();
  }

  /**
   * Adds tasks that have ended.
   *
   * @param id the id of the first task
   * @param count the number of tasks
   * @param failed the number of failures among them
   * @returns the span up to now; undefined while it is shorter than 100 ms
   */
  add(id: number, count: number, failed: number): Span | undefined {
    if (this.#count === 0) this.#id = id;
    this.#to = this.now();
    this.#count += count;
    this.#failed += failed;
    return this.#to - this.#from >= LEAST_MS ? this.end() : undefined;
  }

  /** Returns the span of the tasks added since the last span; undefined when no task was added. */
  end(): Span | undefined {
    if (this.#count === 0) return undefined;
    const failed = this.#failed > 0 ? { failed: this.#failed } : {};
    const { worker } = this;
    const span = { worker, from: this.#from, to: this.#to, id: this.#id, count: this.#count };
    this.#from = this.#to;
    const setup = this.#setupMs > 0 ? { setupMs: this.#setupMs } : {};
    this.#count = this.#failed = this.#setupMs = 0;
    return { ...span, ...failed, ...setup };
  }
}
