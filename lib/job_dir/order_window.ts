/**
 * A buffer in which results wait for earlier results, for jobs with the option `ordered`.
 *
 * @module
 */

import { eachResult } from "../journal/scan.ts";
import { concatBytes, NEWLINE_BYTES } from "../util/bytes.ts";

const EMPTY = new Uint8Array(0);

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
  #waiting = new Map<number, Uint8Array>();

  /** Adds the results from whole events of a journal. The results are copied. */
  add(events: Uint8Array): void {
    eachResult(events, (id, result) => this.#waiting.set(id, concatBytes([result, NEWLINE_BYTES])));
  }

  /** Records that a task has no result, so that later results do not wait for it. */
  skip(id: number): void {
    this.#waiting.set(id, EMPTY);
  }

  /**
   * Removes the results that no longer wait for earlier results.
   *
   * @returns the lines of these results, in the order of the list.
   */
  take(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let part = this.#waiting.get(this.next); part; part = this.#waiting.get(this.next)) {
      parts.push(part);
      this.#waiting.delete(this.next++);
    }
    return concatBytes(parts);
  }

  /** Returns the lines of the results that still wait, in the order of the list. */
  rest(): Uint8Array {
    const waiting = [...this.#waiting].sort(([a], [b]) => a - b);
    return concatBytes(waiting.map(([, part]) => part));
  }
}
