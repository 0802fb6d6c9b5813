/**
 * A buffer in which results wait for earlier results, for jobs with the option `ordered`.
 *
 * @module
 */

import { eachResult } from "../journal/scan.ts";
import { concatBytes, NEWLINE, NEWLINE_BYTES } from "../util/bytes/bytes.ts";

const EMPTY = new Uint8Array(0);
// The most bytes of results that wait in memory.
const MOST_HELD = 64 * 1024 * 1024;
// About the most bytes of results that are taken at a time.
const PIECE = 1024 * 1024;

/** The place of a result in the journal. */
interface Place {
  readonly at: number;
  /** The length in bytes, with a newline that is not in the journal. */
  readonly length: number;
}

/** Fills a buffer with the bytes of the journal from an offset. */
export type ReadBack = (at: number, buffer: Uint8Array) => void;

/**
 * Holds results back until the results of all earlier tasks have been added.
 *
 * @example
 * ```ts
 * import { OrderWindow } from "./order_window.ts";
 *
 * const order = new OrderWindow();
 * order.add(new TextEncoder().encode('{"id":1,"result":"b"}\n'));
 * if (order.take().length > 0) throw new Error("task 0 is missing");
 * order.skip(0);
 * if (new TextDecoder().decode(order.take()) !== '"b"\n') throw new Error("not in order");
 * ```
 */
export class OrderWindow {
  /** The id of the first task whose result is missing. */
  next = 0;
  /** Reads the results that do not wait in memory. Without it, all results wait in memory. */
  readBack: ReadBack | undefined;
  /** True when an earlier run has sent the results that were taken last. */
  wereSent = false;
  /** The tasks whose results an earlier run has sent. */
  #sent = new Set<number>();
  #waiting = new Map<number, Uint8Array | Place>();
  #held = 0;

  /**
   * Creates an empty window.
   *
   * @param most the most bytes of results that wait in memory
   */
  constructor(readonly most: number = MOST_HELD) {}

  /**
   * Adds the results from whole events of a journal. The results are copied.
   *
   * @param at the offset of the events in the journal. @default {unknown}
   */
  add(events: Uint8Array, at?: number): void {
    const start = this.readBack && at !== undefined ? at - events.byteOffset : undefined;
    eachResult(events, (id, result) => this.#waiting.set(id, this.#keep(result, start)));
  }

  /** Records that a task has no result, so that later results do not wait for it. */
  skip(id: number): void {
    this.#waiting.set(id, EMPTY);
  }

  /** Records that an earlier run has sent the results that wait, of tasks before an id. */
  markSent(end: number): void {
    for (const id of this.#waiting.keys()) if (id < end) this.#sent.add(id);
  }

  /**
   * Removes results that no longer wait for earlier results, some megabytes at a time. Either all or
   * none of them were sent by an earlier run.
   *
   * @returns the lines of these results, in the order of the list; empty when there are none.
   */
  take(): Uint8Array {
    const parts: (Uint8Array | Place)[] = [];
    let size = 0;
    for (let part; size < PIECE && (part = this.#waiting.get(this.next)); this.next++) {
      const wasSent = this.#sent.has(this.next);
      // A task without a result belongs to both.
      if (part.length > 0) {
        if (size > 0 && wasSent !== this.wereSent) break;
        this.wereSent = wasSent;
      }
      parts.push(part);
      size += part.length;
      this.#waiting.delete(this.next);
    }
    return this.#linesOf(parts, size);
  }

  /** Yields the lines of the results that still wait, in the order of the list. */
  *rest(): Generator<Uint8Array> {
    for (const id of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      const part = this.#waiting.get(id)!;
      yield this.#linesOf([part], part.length);
    }
  }

  #keep(result: Uint8Array, start: number | undefined): Uint8Array | Place {
    const length = result.length + 1;
    if (start !== undefined && this.#held + length > this.most) {
      return { at: start + result.byteOffset, length };
    }
    this.#held += length;
    return concatBytes([result, NEWLINE_BYTES]);
  }

  /** Joins results. Those in the journal are read into their place, because they may be many. */
  #linesOf(parts: readonly (Uint8Array | Place)[], size: number): Uint8Array {
    if (parts.length === 1 && parts[0] instanceof Uint8Array) return this.#release(parts[0]);
    const lines = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      const end = at + part.length;
      if (part instanceof Uint8Array) lines.set(this.#release(part), at);
      else this.readBack!(part.at, lines.subarray(at, end - 1));
      at = end;
      if (part.length > 0) lines[end - 1] = NEWLINE;
    }
    return lines;
  }

  #release(part: Uint8Array): Uint8Array {
    this.#held -= part.length;
    return part;
  }
}
