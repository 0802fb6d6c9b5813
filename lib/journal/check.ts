/**
 * Checks the meaning of events, which checksums do not cover.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";
import { parseKnown } from "./format.ts";
import { countNewlines, headAt, idAt, resultAt } from "./scan.ts";
import { JournalState } from "./state.ts";

/**
 * Checks events one by one: each result is JSON, each block has the number of results that its head
 * states, each id is in the list, and each task ends once unless it was queued again.
 */
export class EventChecker {
  /** The first problem; `undefined` while all events are correct. */
  problem: string | undefined;
  /** The state of the tasks after the events so far. */
  readonly state = new JournalState();

  /**
   * Creates a checker for the start of a journal.
   *
   * @param tasks the number of tasks in the list. @default {unknown}
   */
  constructor(readonly tasks: number = Infinity) {}

  /**
   * Checks the events at the start of some bytes.
   *
   * @returns the offset after the last correct event. The rest is an incomplete event, unless
   * `problem` is set.
   */
  check(bytes: Uint8Array): number {
    let at = 0;
    for (let end = this.#eventEnd(bytes, at); end > at; end = this.#eventEnd(bytes, at)) {
      try {
        this.#checkEvent(bytes, at, end);
      } catch (error) {
        this.problem = (error as Error).message;
        return at;
      }
      this.state.add(bytes.subarray(at, end));
      at = end;
    }
    return at;
  }

  /** Returns the end of the event at an offset; the same offset if the event is incomplete. */
  #eventEnd(bytes: Uint8Array, at: number): number {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0) return at;
    const end = newline + 1 + (headAt(bytes, at, newline)?.bytes ?? 0);
    return end > bytes.length ? at : end;
  }

  #checkEvent(bytes: Uint8Array, at: number, end: number): void {
    const newline = bytes.indexOf(NEWLINE, at), head = headAt(bytes, at, newline);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at, end - 1));
    if (!head) return this.#checkLine(bytes, at, text);
    const { id, count } = head, body = text.slice(text.indexOf("\n") + 1);
    if (countNewlines(bytes, newline + 1, end) !== count || bytes[end - 1] !== NEWLINE) {
      throw new Error(`the block of task ${id} has not the ${count} results of its head`);
    }
    for (let i = id; i < id + count; i++) this.#checkEnd(i);
    // A line with several values would be counted as one result.
    for (const line of body.split("\n")) JSON.parse(line);
  }

  #checkLine(bytes: Uint8Array, at: number, text: string): void {
    if (!text.startsWith('{"')) throw new Error("a line is not an event");
    const event = parseKnown(text);
    if (!event) return;
    const { id, type } = event;
    if (!Number.isSafeInteger(id) || id < 0) throw new Error(`the event of ${id} names no task`);
    if (type === "succeeded") {
      if (resultAt(bytes, at) < 0 || idAt(bytes, at) !== id) throw new Error("a line is changed");
      this.#checkEnd(id);
    } else if (type === "failed") this.#checkEnd(id);
    else if (id >= this.tasks) throw new Error(`task ${id} is not in the list`);
  }

  #checkEnd(id: number): void {
    if (id >= this.tasks) throw new Error(`task ${id} is not in the list`);
    if (this.state.of(id) !== "open") throw new Error(`task ${id} has ended twice`);
  }
}
