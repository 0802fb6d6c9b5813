import type { TaskBuffer } from "./task_buffer.ts";

// A list that comes fast is taken whole, one that comes slowly is not waited for.
const GATHER_MS = 150, MAX_GATHER_MS = 2000;
// While others run, what comes in late waits for company: each time longer.
const SPACING_MS = 1000, MAX_SPACING_MS = 15_000;

/** Says when tasks that wait are sent on, many at once. */
export class SubmitThrottle {
  /** How often to look, in milliseconds, while tasks wait. */
  readonly lookMs = GATHER_MS;
  #count = 0;
  #sent = -Infinity;
  #notBefore = 0;

  /** Whether any were sent yet. */
  get hasBegun(): boolean {
    return this.#count > 0;
  }

  /** Whether no more tasks come in for now. */
  isStill({ isEnded, first, last }: TaskBuffer, now: number): boolean {
    return isEnded || now - last >= GATHER_MS || now - first >= MAX_GATHER_MS;
  }

  /** Whether what waits may go, beside others that are under way or alone. */
  mayGo(now: number, { isFull, isAlone }: { isFull: boolean; isAlone: boolean }): boolean {
    if (now < this.#notBefore) return false;
    const spacing = Math.min(SPACING_MS * this.#count, MAX_SPACING_MS);
    return isAlone || isFull || now - this.#sent >= spacing;
  }

  /** Takes note that some were sent. */
  sent(now: number): void {
    this.#count++;
    this.#sent = now;
  }

  /** Sends nothing for a while. */
  rest(until: number): void {
    this.#notBefore = until;
  }
}
