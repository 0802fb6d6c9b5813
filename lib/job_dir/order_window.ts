/**
 * A buffer in which results wait for earlier results, for jobs with the option `ordered`.
 *
 * @module
 */

import { scanEvents } from "../journal/scan.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";

// The most bytes of results that wait in memory.
const MOST_HELD = 64 * 1024 * 1024;
// About the most bytes of results that are taken at a time.
const PIECE = 1024 * 1024;

/** The lines of the results of tasks that follow each other in the list. */
interface Part {
  /** The number of tasks. */
  readonly count: number;
  /** The length of the lines, in bytes. A task without a result has no line. */
  readonly length: number;
  /** The lines. @default {they are read from the journal} */
  readonly lines?: Uint8Array;
  /** The offset of the lines in the journal, where another byte may be in place of the last newline. */
  readonly at?: number;
}

const NO_RESULT: Part = { count: 1, length: 0 };

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
  /** The first tasks of the parts that an earlier run has sent. */
  #sent = new Set<number>();
  /** The parts that wait, by their first tasks. */
  #waiting = new Map<number, Part>();
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
    const add = (id: number, count: number, from: number, end: number) => {
      const place = this.readBack && at !== undefined ? at + from : undefined;
      this.#waiting.set(id, this.#keep(count, events.subarray(from, end), place));
    };
    scanEvents(events, {
      block: ({ id, count }, _start, results, end) => add(id, count, results, end),
      // The brace that closes the line is in place of a newline.
      success: (id, _start, result, newline) => add(id, 1, result, newline),
      other() {},
    });
  }

  /** Records that a task has no result, so that later results do not wait for it. */
  skip(id: number): void {
    this.#waiting.set(id, NO_RESULT);
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
    const parts: Part[] = [];
    let size = 0;
    for (let part; size < PIECE && (part = this.#waiting.get(this.next)); this.next += part.count) {
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

  #keep(count: number, lines: Uint8Array, at: number | undefined): Part {
    const { length } = lines;
    if (at !== undefined && this.#held + length > this.most) return { count, length, at };
    this.#held += length;
    const copy = lines.slice();
    copy[length - 1] = NEWLINE;
    return { count, length, lines: copy };
  }

  /** Joins parts. Those in the journal are read into their place, because they may be many. */
  #linesOf(parts: readonly Part[], size: number): Uint8Array {
    for (const { lines } of parts) this.#held -= lines?.length ?? 0;
    if (parts.length === 1 && parts[0]!.lines) return parts[0]!.lines;
    const joined = new Uint8Array(size);
    let start = 0;
    for (const { length, lines, at } of parts) {
      const end = start + length;
      if (lines) joined.set(lines, start);
      else if (at !== undefined) {
        this.readBack!(at, joined.subarray(start, end - 1));
        joined[end - 1] = NEWLINE;
      }
      start = end;
    }
    return joined;
  }
}
