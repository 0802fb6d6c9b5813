/**
 * Responses of a worker, written in blocks.
 *
 * @module
 */

import { blockHead, successHead } from "../journal/format.ts";
import { ByteWriter } from "../util/bytes.ts";
import { RS, type WorkerMessage } from "./protocol.ts";
import { exit, writeRawStderr, writeRawStdout } from "./stdio.ts";

/** The bytes after each block. */
const END = "\x1e\n";
const NEWLINE = 10;
// About what a pipe holds.
const BLOCK_SIZE = 48 * 1024;

/**
 * Collects responses and writes them in blocks (`protocol.ts`).
 *
 * The controller copies the bodies of blocks as they are. Work that each task needs is done here,
 * where many workers share it.
 */
export class ResponseWriter {
  /** The results of tasks that follow each other, the first and the next id, and their time. */
  #results = new ByteWriter(2 * BLOCK_SIZE);
  #first = 0;
  #next = 0;
  #ms = 0;
  /** The lines before these results, and the blocks before those. */
  #lines = new ByteWriter(BLOCK_SIZE);
  #blocks = new ByteWriter(2 * BLOCK_SIZE);
  #flushed = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Creates a writer to the true stdout.
   *
   * @param flushMs the longest that a response waits before it is written, in milliseconds
   * @param isFramed false to write lines without blocks, for a person
   */
  constructor(readonly flushMs: number, readonly isFramed: boolean) {}

  /**
   * Adds the result of a task that returned a number at its first attempt.
   *
   * @param ms the time that the task took
   * @param now the time at its end
   * @param isShared true when the tasks before it may have taken a part of the time
   * @returns the time after writing
   */
  addNumber(id: number, value: number, ms: number, now: number, isShared: boolean): number {
    this.#begin(id, ms > 1 && !isShared);
    this.#results.number(value);
    return this.#end(id, ms, now);
  }

  /**
   * Adds the result of a task that succeeded at its first attempt.
   *
   * @param result the JSON text
   * @param ms the time that the task took
   * @param now the time at its end
   * @returns the time after writing
   */
  addResult(id: number, result: string, ms: number, now: number): number {
    this.#begin(id, ms > 1);
    this.#results.text(result);
    return this.#end(id, ms, now);
  }

  /**
   * Adds any other line.
   *
   * @returns the time after writing
   */
  addLine(line: string, now = Date.now()): number {
    this.#endResults();
    this.#lines.text(line);
    this.#lines.byte(NEWLINE);
    return this.#flushWhenDue(now);
  }

  /** Writes a message about the worker itself at once. */
  send(message: WorkerMessage): void {
    this.flush();
    // A block of its own is small enough that a pipe takes it whole: it cannot be torn.
    if (this.isFramed) this.addLine(JSON.stringify(message));
    this.flush();
  }

  /** Writes what there is after at most `flushMs`, together with what is added until then. */
  flushSoon(): void {
    if (this.flushMs === 0) return this.flush();
    if (this.#length > 0) this.#timer ??= setTimeout(() => this.flush(), this.flushMs);
  }

  /** Writes all that was added. */
  flush(now = Date.now()): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = now;
    this.#endResults();
    this.#endLines();
    writeToStdout(this.#blocks.bytes);
    this.#blocks.clear();
  }

  get #length(): number {
    return this.#results.length + this.#lines.length + this.#blocks.length;
  }

  /** The time to write into a full pipe is not charged to a task, so the clock is read again. */
  #flushWhenDue(now: number): number {
    if (this.#length < BLOCK_SIZE && now - this.#flushed < this.flushMs) return now;
    this.flush(now);
    return Date.now();
  }

  /** Begins a result. One that took long gets its own line, so that its time is kept. */
  #begin(id: number, isAlone: boolean): void {
    if (id !== this.#next || isAlone) this.#endResults();
    if (this.#results.length === 0) this.#first = id;
  }

  #end(id: number, ms: number, now: number): number {
    this.#results.byte(NEWLINE);
    this.#next = id + 1;
    this.#ms += ms;
    if (ms > 0 || !this.isFramed) this.#endResults();
    return this.#flushWhenDue(now);
  }

  #endResults(): void {
    if (this.#results.length === 0) return;
    const id = this.#first, count = this.#next - id, ms = this.#ms, { bytes } = this.#results;
    if (count > 1) {
      this.#endLines();
      this.#block(blockHead({ id, count, bytes: bytes.length, ms }), bytes);
    } else {
      // A block of one result is longer than its line.
      this.#lines.text(successHead(id, 1, ms));
      this.#lines.append(bytes.subarray(0, -1));
      this.#lines.text("}\n");
    }
    this.#results.clear();
    this.#ms = 0;
  }

  #endLines(): void {
    const { bytes, length } = this.#lines;
    if (length > 0) this.#block(`{"bytes":${length}}\n`, bytes);
    this.#lines.clear();
  }

  #block(head: string, body: Uint8Array): void {
    if (!this.isFramed) return this.#blocks.append(body);
    this.#blocks.byte(RS);
    this.#blocks.text(head);
    this.#blocks.append(body);
    // Without the newline, bytes after the RS would be a write of their own.
    this.#blocks.text(END);
  }
}

function writeToStdout(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeRawStdout(bytes.subarray(at));
  } catch (error) {
    // A worker that cannot respond is useless.
    writeRawStderr(new TextEncoder().encode(`stdout was closed: ${error}\n`));
    exit(1);
  }
}
