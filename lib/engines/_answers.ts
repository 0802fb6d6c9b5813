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

const NEWLINE = 10, RS = 0x1e, BRACE = 123, CLOSE = 125, QUOTE = 34, LETTER_I = 105, LETTER_D = 100;

/** What a worker says about itself, not about a task. */
export type Control = { readonly idle: number } | { readonly broken: TaskError };

/**
 * Reads what a worker writes: answers of tasks that wait for one, and whatever else got in between.
 *
 * A success is copied as bytes and never parsed: its line to the journal, its result to the results.
 */
export class AnswerReader {
  #rest = new Uint8Array(0);
  #last = -1;

  constructor(readonly pending: Pending, readonly onControl: (message: Control) => void) {}

  /** What a piece of the stream brings. */
  read(chunk: Uint8Array): EventBatch | undefined {
    const bytes = this.#join(chunk);
    const batch = new BatchWriter(bytes.length);
    let at = 0;
    for (
      let next = this.#block(bytes, at, batch);
      next > at;
      next = this.#block(bytes, at, batch)
    ) {
      at = next;
    }
    this.#rest = bytes.slice(at);
    return batch.take();
  }

  /** What stood behind the last block when the stream ended. */
  end(): EventBatch | undefined {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    const batch = new BatchWriter(rest.length);
    // A block that is not whole was torn by the worker's death.
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

  /** Reads the block, or the text, that starts at an offset; gives where it ends if it is whole. */
  #block(bytes: Uint8Array, at: number, batch: BatchWriter): number {
    if (bytes[at] !== RS) return this.#text(bytes, at, batch);
    const headEnd = bytes.indexOf(NEWLINE, at);
    if (headEnd < 0) return at;
    const [length, lines] = decode(bytes.subarray(at + 1, headEnd)).split(" ").map(Number);
    const start = headEnd + 1;
    // A line of a block whose head was torn.
    if (!(length! >= 0) || lines === undefined) return this.#doubtful(bytes, at, start, batch);
    const end = start + length!;
    if (end > bytes.length) return at;
    if (isWhole(bytes, start, end, lines)) this.#lines(bytes, start, end, batch);
    else this.#doubtful(bytes, start, end, batch);
    return end;
  }

  #lines(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): void {
    while (start < end) {
      const newline = bytes.indexOf(NEWLINE, start);
      this.#answer(bytes, start + 1, newline, batch);
      start = newline + 1;
    }
  }

  // Somebody else wrote into the block: what is still JSON is an answer, the rest is a log. A task
  // whose answer was torn runs again when the worker says that it has answered all.
  #doubtful(bytes: Uint8Array, start: number, end: number, batch: BatchWriter): number {
    for (const line of decode(bytes.subarray(start, end)).split(/(?<=\n)|(?=\x1e)/)) {
      const isAnswer = line.startsWith("\x1e{") && line.endsWith("}\n") && isJson(line.slice(1));
      if (!isAnswer) this.#log(encode(line.replace(/^\x1e\d+ \d+\n/, "")), batch);
      else this.#answer(encode(line), 1, encode(line).length - 1, batch);
    }
    return end;
  }

  /** What user code, or a child of it, wrote around JavaScript. */
  #text(bytes: Uint8Array, at: number, batch: BatchWriter): number {
    const lead = bytes.indexOf(RS, at);
    const end = lead < 0 ? bytes.length : lead;
    this.#log(bytes.subarray(at, end), batch);
    return end;
  }

  #answer(bytes: Uint8Array, at: number, end: number, batch: BatchWriter): void {
    const result = resultAt(bytes, at);
    if (result < 0 || !isTaskLine(bytes, at)) return this.#other(bytes.subarray(at, end), batch);
    const id = idAt(bytes, at);
    if (!this.pending.answer(id)) return;
    this.#last = id;
    batch.addSuccess(bytes, at, result, end);
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

/** Whether a block is as its worker wrote it, line after line. */
function isWhole(bytes: Uint8Array, start: number, end: number, lines: number): boolean {
  if (bytes[start] !== RS || bytes[end - 1] !== NEWLINE || bytes[end - 2] !== CLOSE) return false;
  let count = 0;
  for (let at = start; at < end; at = bytes.indexOf(NEWLINE, at) + 1) {
    if (bytes[at] !== RS) return false;
    count++;
  }
  return count === lines;
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
