import {
  type EventBatch,
  type Failure,
  idAt,
  type LogLine,
  resultAt,
  type TaskError,
} from "../event.ts";
import { copyBytes } from "../task.ts";
import type { Pending } from "./_pending.ts";

const NEWLINE = 10, RS = 0x1e, BRACE = 123, QUOTE = 34, LETTER_I = 105, LETTER_D = 100;

/** What a worker says about itself, not about a task. */
export type Control = { readonly idle: number } | { readonly broken: TaskError };

/**
 * Reads what a worker writes: answers of tasks that wait for one, and whatever else got in between.
 *
 * A success is copied as bytes and never parsed: its line to the journal, its result to the results.
 */
export class AnswerReader {
  #rest = new Uint8Array(0);
  #last = { id: -1, attempt: 1 };

  constructor(readonly pending: Pending, readonly onControl: (message: Control) => void) {}

  /** What a piece of the stream brings. */
  read(chunk: Uint8Array): EventBatch | undefined {
    const bytes = this.#join(chunk);
    const batch = new BatchWriter(bytes.length);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#line(bytes, start, end, batch);
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
    return batch.take();
  }

  /** What stood behind the last newline when the stream ended. */
  end(): EventBatch | undefined {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    const batch = new BatchWriter(0);
    // An answer without its newline was torn, so it is none.
    if (rest.length > 0 && rest[0] !== RS) this.#log(rest, batch);
    return batch.take();
  }

  #join(chunk: Uint8Array): Uint8Array {
    if (this.#rest.length === 0) return chunk;
    const whole = new Uint8Array(this.#rest.length + chunk.length);
    whole.set(this.#rest);
    whole.set(chunk, this.#rest.length);
    return whole;
  }

  #line(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): void {
    if (bytes[start] !== RS) return this.#mixed(bytes, start, end, batch);
    let at = start + 1;
    if (bytes[at] !== BRACE) {
      at = bytes.indexOf(RS, at) + 1;
      const length = Number(decode(bytes.subarray(start + 1, at - 1)));
      // Another writer got in between: the task is asked for again when the worker says it is idle.
      if (length !== end + 1 - at + 1) return this.#log(bytes.subarray(start, end + 1), batch);
    }
    this.#answer(bytes, at, end, batch);
  }

  // User code wrote a text without a newline before the answer.
  #mixed(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): void {
    const lead = bytes.subarray(start, end).indexOf(RS);
    if (lead < 0) return this.#log(bytes.subarray(start, end + 1), batch);
    this.#log(bytes.subarray(start, start + lead), batch);
    this.#line(bytes, start + lead, end, batch);
  }

  #answer(bytes: Uint8Array, at: number, end: number, batch: BatchWriter): void {
    if (!isTaskLine(bytes, at)) return this.#control(bytes.subarray(at, end), batch);
    const result = resultAt(bytes, at);
    if (result < 0) return this.#other(bytes.subarray(at, end), batch);
    const id = idAt(bytes, at);
    if (!this.pending.answer(id)) return;
    this.#last.id = id;
    batch.addSuccess(bytes, at, result, end);
  }

  #control(line: Uint8Array, batch: BatchWriter): void {
    const message = parse(line);
    if (message) this.onControl(message as Control);
    else this.#log(line, batch);
  }

  #other(line: Uint8Array, batch: BatchWriter): void {
    const message = parse(line);
    if (message === undefined) return this.#log(line, batch);
    if ("stream" in message) return void batch.logs.push(message as unknown as LogLine);
    const event = message as unknown as Failure["event"];
    const task = this.pending.line(event.id);
    if (!task || !this.pending.answer(event.id)) return;
    batch.failures.push({ event, task });
  }

  #log(bytes: Uint8Array, batch: BatchWriter): void {
    if (bytes.length === 0) return;
    const { attempt } = this.#last;
    const id = this.pending.first ?? this.#last.id;
    batch.logs.push({ id, attempt, stream: "stdout", text: decode(bytes) });
  }
}

/** Collects what goes on as bytes. */
class BatchWriter {
  readonly failures: Failure[] = [];
  readonly logs: LogLine[] = [];
  #lines: Uint8Array;
  #results: Uint8Array;
  #linesAt = 0;
  #resultsAt = 0;
  #succeeded = 0;

  constructor(size: number) {
    this.#lines = new Uint8Array(size);
    this.#results = new Uint8Array(size);
  }

  addSuccess(bytes: Uint8Array, at: number, result: number, end: number): void {
    this.#linesAt = copyBytes(this.#lines, this.#linesAt, bytes, at, end + 1);
    // The brace that closes the line is where the result's newline goes.
    const next = copyBytes(this.#results, this.#resultsAt, bytes, result, end);
    this.#results[next - 1] = NEWLINE;
    this.#resultsAt = next;
    this.#succeeded++;
  }

  take(): EventBatch | undefined {
    if (this.#succeeded + this.failures.length + this.logs.length === 0) return undefined;
    return {
      lines: this.#lines.subarray(0, this.#linesAt),
      results: this.#results.subarray(0, this.#resultsAt),
      succeeded: this.#succeeded,
      failures: this.failures,
      logs: this.logs,
    };
  }
}

function isTaskLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === BRACE && bytes[at + 1] === QUOTE && bytes[at + 2] === LETTER_I &&
    bytes[at + 3] === LETTER_D && bytes[at + 4] === QUOTE;
}

function parse(line: Uint8Array): Record<string, unknown> | undefined {
  try {
    return JSON.parse(decode(line));
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
