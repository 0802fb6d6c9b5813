import { type EventBatch, NO_EVENTS, type Span } from "../../journal/format.ts";

// Short tasks share a span: what is written must stay little beside what they did.
const LEAST_MS = 100;

/** A span on its way, if there is one. */
export function onlySpan(span: Span | undefined): EventBatch[] {
  return span ? [{ ...NO_EVENTS, span }] : [];
}

/** Tells in spans when a worker was busy, and with which tasks. */
export class SpanWriter {
  #from: number;
  #to: number;
  #id = 0;
  #count = 0;
  #failed = 0;

  /**
   * @param worker what the worker is called
   * @param now the clock, in milliseconds since 1970
   */
  constructor(readonly worker: string, readonly now: () => number = Date.now) {
    this.#from = this.#to = now();
  }

  /** Takes note that it has something to do again, and gives what it did before it had not. */
  begin(): Span | undefined {
    const span = this.end();
    this.#from = this.now();
    return span;
  }

  /** Takes note of answers, of which the first is known; gives a span when it is long enough. */
  add(id: number, count: number, failed: number): Span | undefined {
    if (this.#count === 0) this.#id = id;
    this.#to = this.now();
    this.#count += count;
    this.#failed += failed;
    return this.#to - this.#from >= LEAST_MS ? this.end() : undefined;
  }

  /** Gives what has not been given yet. */
  end(): Span | undefined {
    if (this.#count === 0) return undefined;
    const failed = this.#failed > 0 ? { failed: this.#failed } : {};
    const { worker } = this;
    const span = { worker, from: this.#from, to: this.#to, id: this.#id, count: this.#count };
    this.#from = this.#to;
    this.#count = this.#failed = 0;
    return { ...span, ...failed };
  }
}
