/**
 * The responses of a worker, written in blocks.
 *
 * @module
 */

import { blockHead, successHead } from "../journal/format.ts";
import {
  clockMs,
  encodeText,
  startTimer,
  stopTimer,
  subarray,
  toJsonText,
} from "../util/builtins.ts";
import { ByteWriter } from "../util/bytes.ts";
import { RS, type WorkerMessage } from "./protocol.ts";
import { exit, writeRawStderr, writeRawStdout } from "./stdio.ts";

/** The bytes after each block. */
const END = "\x1e\n";
const NEWLINE = 10;
// The size of a block in bytes, somewhat less than the capacity of a pipe.
const BLOCK_SIZE = 48 * 1024;

/**
 * Collects responses and writes them in blocks (`protocol.ts`).
 *
 * The controller copies the bodies of blocks unchanged. The workers bear the cost per task, because
 * they run in parallel.
 */
export class ResponseWriter {
  /** The results of consecutive tasks, the first and the next id, and the total time in ms. */
  #results = new ByteWriter(2 * BLOCK_SIZE);
  #first = 0;
  #next = 0;
  #ms = 0;
  /** The lines that precede these results, and the blocks that precede the lines. */
  #lines = new ByteWriter(BLOCK_SIZE);
  #blocks = new ByteWriter(2 * BLOCK_SIZE);
  #flushed = clockMs();
  #timer: number | undefined;

  /**
   * Creates a writer to the process's real stdout.
   *
   * @param flushMs the longest delay before a response is written, in milliseconds
   * @param isFramed false to write lines without blocks, for a user
   */
  constructor(readonly flushMs: number, readonly isFramed: boolean) {}

  /**
   * Adds the result of a task that returned a number at its first attempt.
   *
   * @param ms the run time of the task, in milliseconds
   * @param now the time at its end, in milliseconds since 1970
   * @param isShared true when `ms` may include the time of tasks before this task
   * @returns the time after writing, in milliseconds since 1970
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
   * @param ms the run time of the task, in milliseconds
   * @param now the time at its end, in milliseconds since 1970
   * @returns the time after writing, in milliseconds since 1970
   */
  addResult(id: number, result: string, ms: number, now: number): number {
    this.#begin(id, ms > 1);
    this.#results.text(result);
    return this.#end(id, ms, now);
  }

  /**
   * Adds any other line, such as a failure or a log line.
   *
   * @returns the time after writing, in milliseconds since 1970
   */
  addLine(line: string, now = clockMs()): number {
    this.#endResults();
    this.#lines.text(line);
    this.#lines.byte(NEWLINE);
    return this.#flushWhenDue(now);
  }

  /** Writes a message about the worker immediately. */
  send(message: WorkerMessage): void {
    this.flush();
    // The message has a separate block, which is small enough for an atomic write to a pipe.
    if (this.isFramed) this.addLine(toJsonText(message));
    this.flush();
  }

  /**
   * Flushes after `flushMs` milliseconds. Does nothing when a flush is already scheduled or the
   * buffers are empty.
   */
  flushSoon(): void {
    if (this.flushMs === 0) return this.flush();
    if (this.#length > 0) this.#timer ??= startTimer(() => this.flush(), this.flushMs);
  }

  /** Writes everything that was added. */
  flush(now = clockMs()): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
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

  /**
   * Flushes when due, then reads the clock again, because writing to a full pipe is not charged to
   * a task.
   */
  #flushWhenDue(now: number): number {
    if (this.#length < BLOCK_SIZE && now - this.#flushed < this.flushMs) return now;
    this.flush(now);
    return clockMs();
  }

  /** Begins a result. With `isAlone`, the result starts a new block, which records its time. */
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
      // A line is shorter than a block for a single result.
      this.#lines.text(successHead(id, 1, ms));
      this.#lines.append(subarray(bytes, 0, -1));
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
    this.#blocks.text(END);
  }
}

function writeToStdout(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeRawStdout(subarray(bytes, at));
  } catch (error) {
    // The worker can no longer respond.
    writeRawStderr(encodeText(`stdout was closed: ${error}\n`));
    exit(1);
  }
}
