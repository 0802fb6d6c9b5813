import {
  type EventBatch,
  type Failure,
  idAt,
  type LogLine,
  resultAt,
  type TaskError,
} from "../event.ts";
import { concatBytes } from "../helpers.ts";
import type { Pending } from "./_pending.ts";

const NEWLINE = 10, RS = 0x1e;

/** What a worker says about itself, not about a task. */
export type Control = { readonly idle: number } | { readonly broken: TaskError };

/**
 * Reads what a worker writes: answers of tasks that wait for one, and whatever else got in between.
 *
 * A success is copied as bytes and never parsed: its line to the journal, its result to the results.
 */
export class AnswerReader {
  #last = -1;

  /**
   * @param pending who waits for an answer
   * @param isInOrder whether the worker answers in the order in which it was given the tasks
   * @param onControl told what the worker says about itself
   */
  constructor(
    readonly pending: Pending,
    readonly isInOrder: boolean,
    readonly onControl: (message: Control) => void,
  ) {}

  /**
   * What some bytes of the stream bring, and how many of them are dealt with: the rest is to be given
   * again, with more behind it.
   */
  read(bytes: Uint8Array): { used: number; batch: EventBatch | undefined } {
    const batch = new BatchWriter();
    let used = 0;
    for (let next = this.#block(bytes, 0, batch); next > used;) {
      used = next;
      next = this.#block(bytes, used, batch);
    }
    return { used, batch: batch.take() };
  }

  /** What the last bytes of a stream that has ended are: a block that is not whole is none. */
  end(bytes: Uint8Array): EventBatch | undefined {
    const batch = new BatchWriter();
    if (bytes.length > 0 && bytes[0] !== RS) this.#log(bytes, batch);
    return batch.take();
  }

  /** Reads the block, or the text, that starts at an offset; gives where it ends if it is whole. */
  #block(bytes: Uint8Array, at: number, batch: BatchWriter): number {
    if (bytes[at] !== RS) return this.#text(bytes, at, batch);
    const headEnd = bytes.indexOf(NEWLINE, at);
    if (headEnd < 0) return at;
    // The end of a block that was torn looks like a start, and the true one follows it.
    const lead = bytes.indexOf(RS, at + 1);
    if (lead > 0 && lead < headEnd) return this.#doubtful(bytes, at + 1, lead, batch);
    const head = decode(bytes.subarray(at + 1, headEnd)).split(" ").map(Number);
    const [linesLength = NaN, resultsLength = NaN, isSuccess] = head;
    const start = headEnd + 1, middle = start + linesLength, end = middle + resultsLength;
    // The end of a block whose head was torn.
    if (Number.isNaN(end)) return this.#doubtful(bytes, at + 1, start, batch);
    if (end >= bytes.length) return at;
    if (bytes[end] !== RS) return this.#doubtful(bytes, start, end, batch);
    if (!isSuccess) this.#others(bytes, start, end, batch);
    else if (!this.#inOrder(bytes, start, middle, end, batch)) {
      this.#anyOrder(bytes, start, middle, batch);
    }
    return end + 1;
  }

  /** Answers that come in the order of the tasks are counted, and copied as one. */
  #inOrder(
    bytes: Uint8Array,
    start: number,
    middle: number,
    end: number,
    batch: BatchWriter,
  ): boolean {
    if (!this.isInOrder) return false;
    const first = idAt(bytes, start);
    const last = idAt(bytes, bytes.lastIndexOf(NEWLINE, middle - 2) + 1);
    const count = this.pending.answerUpTo(first, last);
    if (count === 0) return false;
    this.#last = last;
    batch.addBlock(bytes.subarray(start, middle), bytes.subarray(middle, end), count);
    return true;
  }

  #anyOrder(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): void {
    while (start < end) {
      const newline = bytes.indexOf(NEWLINE, start);
      this.#success(bytes, start, newline, batch);
      start = newline + 1;
    }
  }

  #success(bytes: Uint8Array, start: number, newline: number, batch: BatchWriter): void {
    const id = idAt(bytes, start);
    if (!this.pending.answer(id)) return;
    this.#last = id;
    batch.addSuccess(bytes, start, resultAt(bytes, start), newline);
  }

  #others(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): void {
    while (start < end) {
      const newline = bytes.indexOf(NEWLINE, start);
      this.#other(bytes.subarray(start, newline), batch);
      start = newline + 1;
    }
  }

  // Somebody else wrote into the block. What looks like an answer in it may come from there, so none
  // is taken: the tasks run again when the worker says that it has answered all.
  #doubtful(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): number {
    this.#log(bytes.subarray(start, end), batch);
    return end;
  }

  /** What user code, or a child of it, wrote around JavaScript. */
  #text(bytes: Uint8Array, at: number, batch: BatchWriter): number {
    const lead = bytes.indexOf(RS, at);
    const end = lead < 0 ? bytes.length : lead;
    this.#log(bytes.subarray(at, end), batch);
    return end;
  }

  #other(line: Uint8Array, batch: BatchWriter): void {
    const message = JSON.parse(decode(line));
    if (!("id" in message)) return this.onControl(message as Control);
    if ("stream" in message) return void batch.logs.push(message as LogLine);
    const event = message as Failure["event"];
    const task = this.pending.line(event.id);
    if (!task || !this.pending.answer(event.id)) return;
    batch.failures.push({ event, task });
  }

  #log(bytes: Uint8Array, batch: BatchWriter): void {
    if (bytes.length === 0) return;
    const id = this.pending.first ?? this.#last;
    batch.logs.push({ id, attempt: 1, stream: "stdout", text: decode(bytes) });
  }
}

/** Collects what goes on as bytes; they are copied, because their buffer is used again. */
class BatchWriter {
  readonly failures: Failure[] = [];
  readonly logs: LogLine[] = [];
  #lines: Uint8Array[] = [];
  #results: Uint8Array[] = [];
  #succeeded = 0;

  addBlock(lines: Uint8Array, results: Uint8Array, count: number): void {
    this.#lines.push(lines.slice());
    this.#results.push(results.slice());
    this.#succeeded += count;
  }

  addSuccess(bytes: Uint8Array, at: number, result: number, end: number): void {
    const text = bytes.slice(result, end);
    // The brace that closes the line is where the result's newline goes.
    text[text.length - 1] = NEWLINE;
    this.addBlock(bytes.subarray(at, end + 1), text, 1);
  }

  take(): EventBatch | undefined {
    if (this.#succeeded + this.failures.length + this.logs.length === 0) return undefined;
    return {
      lines: concatBytes(this.#lines),
      results: concatBytes(this.#results),
      succeeded: this.#succeeded,
      failures: this.failures,
      logs: this.logs,
    };
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
