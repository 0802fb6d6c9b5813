/**
 * The responses of a worker, written in blocks.
 *
 * @module
 */

import { blockHead, type LogLine, successHead } from "../journal/format.ts";
import {
  encodeText,
  sliceBytes,
  startTimer,
  stopTimer,
  subarray,
  toJsonText,
} from "../util/builtins.ts";
import { ByteWriter, NEWLINE } from "../util/bytes/bytes.ts";
import type { Output } from "./channel.ts";
import { FRAME_END, frameHead } from "./frame.ts";
import type { WorkerMessage } from "./protocol.ts";
import { ResultLines } from "./result_lines.ts";
import { exit, writeRawStderr } from "./stdio.ts";
import { clockMs } from "./clock.ts";

// The size of a block in bytes. Two blocks fit into the buffer of a socket.
const BLOCK_SIZE = 96 * 1024;

// Between short tasks, responses wait longer than beside a call that waits: each write wakes the
// controller, which needs the processors of the workers.
const BUSY = 2;

// A call may print a line and then compute for hours, so lines of the log are written at once: this
// many milliseconds must pass for each, of which some can be saved up.
const LOG_MS = 10, MOST_SAVED_MS = 500;

// A Unix socket of Linux has at least this size for each write.
const MOST_AT_ONCE = 32 * 1024;
// A block of one long result is copied once less than its line, on both sides.
const LONG_RESULT = 4 * 1024;
const IS_LINUX = Deno.build.os === "linux";

/**
 * Collects responses and writes them in blocks, each in a frame (`protocol.ts`).
 *
 * The controller copies the bodies of blocks unchanged. The workers bear the cost per task, because
 * they run in parallel.
 */
export class ResponseWriter {
  /** The results of consecutive tasks, the first and the next id, and the total time in ms. */
  #results = new ResultLines(2 * BLOCK_SIZE);
  #first = 0;
  #next = 0;
  #ms = 0;
  /** The lines that precede these results, and the blocks that precede the lines. */
  #lines = new ByteWriter(BLOCK_SIZE);
  #blocks = new ByteWriter(2 * BLOCK_SIZE);
  /** The buffer of the bytes that are being written. */
  #written = new ByteWriter(2 * BLOCK_SIZE);
  #isDue = false;
  #flushed = clockMs();
  /** The time up to which lines of the log have been written at once. */
  #logged = 0;
  #timer: number | undefined;
  /** Resolves when the current write ends; undefined when nothing is being written. */
  writing: Promise<void> | undefined;
  /** True when the block that is being written is small. */
  #isSmall = false;
  /** The end of the small blocks that follow it. */
  #further: Promise<void> | undefined;

  /**
   * Creates a writer.
   *
   * @param flushMs the longest delay before a response is written while calls wait, in milliseconds;
   * twice as long between short tasks
   * @param output receives the blocks, or lines without blocks for a user
   */
  constructor(readonly flushMs: number, readonly output: Output) {}

  /** False when a user reads the lines. */
  get isFramed(): boolean {
    return this.output.token !== undefined;
  }

  /**
   * Adds the result of a task that returned a number at its first attempt.
   *
   * @param ms the run time of the task, in milliseconds
   * @param now the time at its end by `clockMs`, in milliseconds
   * @param isShared true when `ms` may include the time of tasks before this task
   * @returns the time after writing by `clockMs`, in milliseconds
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
   * @param now the time at its end by `clockMs`, in milliseconds
   * @returns the time after writing by `clockMs`, in milliseconds
   */
  addResult(id: number, result: string, ms: number, now: number): number {
    this.#begin(id, ms > 1);
    this.#results.text(result);
    return this.#end(id, ms, now);
  }

  /**
   * Adds any other line, such as a failure or a log line.
   *
   * @returns the time after writing by `clockMs`, in milliseconds
   */
  addLine(line: string, now = clockMs()): number {
    this.#endResults();
    this.#lines.text(line);
    this.#lines.byte(NEWLINE);
    return this.#flushWhenDue(now);
  }

  /** Adds a log line, and writes it at once unless there are many. */
  addLog({ note, ...line }: LogLine): void {
    // Without a prototype, an object has no toJSON() that user code may add to Object.prototype.
    const noted = note && { __proto__: null, ...note };
    const now = this.addLine(toJsonText({ __proto__: null, ...line, note: noted }));
    const saved = now - MOST_SAVED_MS;
    const logged = (this.#logged > saved ? this.#logged : saved) + LOG_MS;
    if (logged > now) return;
    this.#logged = logged;
    this.flushNow();
  }

  /** Adds a message about the worker. A user who runs the program by hand does not see it. */
  addMessage(message: WorkerMessage): void {
    if (this.isFramed) this.addLine(toJsonText(message));
  }

  /** Writes a message about the worker immediately. */
  send(message: WorkerMessage): void {
    this.addMessage(message);
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

  /** Writes everything that was added, after the current write. */
  flush(now = clockMs()): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
    this.#timer = undefined;
    this.#flushed = now;
    this.#endResults();
    this.#endLines();
    if (this.writing) this.#isDue = true;
    else this.#write();
  }

  /** Writes everything that was added, and waits until it is written. */
  async finish(): Promise<void> {
    this.flush();
    while (this.writing) await this.writing;
  }

  /**
   * Writes everything that was added, even while a synchronous call runs, in which no promise of a
   * write resolves. A small block follows a small one that may still be on its way: on Linux, the
   * socket accepts either all bytes of a small block or none, so it accepts them in order. Elsewhere
   * and after large blocks, the bytes wait.
   */
  flushNow(): void {
    this.flush();
    const { bytes, length } = this.#blocks;
    if (!this.#isDue || !this.#isSmall || length > MOST_AT_ONCE || !IS_LINUX) return;
    this.#isDue = false;
    const pending = this.output.write(sliceBytes(bytes));
    this.#blocks.clear();
    if (pending) this.#further = this.#waitForBoth(this.#further, this.#waitFor(pending));
  }

  /**
   * Writes everything that was added without waiting for the current write, because the process
   * ends next. The bytes of the current write are usually in the socket's buffer already. If they
   * are not, these bytes follow an incomplete block and are not used.
   */
  writeLast(): void {
    this.flush();
    if (this.#isDue) this.output.write(this.#blocks.bytes);
  }

  #write(): void {
    this.#isDue = false;
    if (this.#blocks.length === 0) return;
    const full = this.#blocks;
    this.#blocks = this.#written;
    this.#written = full;
    this.#isSmall = full.length <= MOST_AT_ONCE;
    const pending = this.output.write(full.bytes);
    if (pending) this.writing = this.#endWrite(pending);
    else full.clear();
  }

  async #endWrite(pending: Promise<void>): Promise<void> {
    await this.#waitFor(pending);
    for (let further; (further = this.#further);) {
      this.#further = undefined;
      await further;
    }
    this.writing = undefined;
    this.#written.clear();
    if (this.#isDue) this.#write();
  }

  async #waitFor(pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } catch (error) {
      // The worker can no longer respond.
      writeRawStderr(encodeText(`the controller has closed the channel: ${error}\n`));
      exit(1);
    }
  }

  async #waitForBoth(first: Promise<void> | undefined, second: Promise<void>): Promise<void> {
    await first;
    await second;
  }

  get #length(): number {
    return this.#results.length + this.#lines.length + this.#blocks.length;
  }

  /**
   * Flushes when due, then reads the clock again, because writing to a full pipe is not charged to
   * a task.
   */
  #flushWhenDue(now: number): number {
    if (this.#length < BLOCK_SIZE && now - this.#flushed < BUSY * this.flushMs) return now;
    this.flush(now);
    return clockMs();
  }

  /** Begins a result. With `isAlone`, the result starts a new block, which records its time. */
  #begin(id: number, isAlone: boolean): void {
    if (id !== this.#next || isAlone) this.#endResults();
    if (this.#results.length === 0) this.#first = id;
  }

  #end(id: number, ms: number, now: number): number {
    this.#next = id + 1;
    this.#ms += ms;
    if (ms > 0 || !this.isFramed) this.#endResults();
    return this.#flushWhenDue(now);
  }

  #endResults(): void {
    if (this.#results.length === 0) return;
    const id = this.#first, count = this.#next - id, ms = this.#ms, { bytes } = this.#results;
    if (count > 1 || (this.isFramed && bytes.length > LONG_RESULT)) {
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
    const { token } = this.output;
    if (token === undefined) return this.#blocks.append(body);
    this.#blocks.text(frameHead(token, head));
    this.#blocks.append(body);
    this.#blocks.text(FRAME_END);
  }
}
