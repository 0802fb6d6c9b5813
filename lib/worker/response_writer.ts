/**
 * What a worker answers, on its way out.
 *
 * @module
 */

import { ByteWriter } from "../util/bytes.ts";
import { exit, writeStderr, writeStdout } from "./stdio.ts";
import { blockHead, successHead } from "../journal/format.ts";

/** Stands before each block, and this behind it. */
const RS = 0x1e, END = "\x1e\n";
const NEWLINE = 10;
// About what a pipe holds.
const BLOCK_SIZE = 48 * 1024;

/**
 * Collects what goes to the journal and writes it in blocks: RS, a head with the length, the lines,
 * RS in a line of its own. A run's head is its first line in the journal.
 *
 * Others may write to the same pipe at the same time, and a large write is no single one. Where
 * something got in between, the RS does not stand where the head says. The other side keeps results
 * as they are: what costs something for each task is done here, where it is done by many.
 */
export class ResponseWriter {
  /** Tasks that follow each other and succeeded; from where to where, and what they took. */
  #run = new ByteWriter(2 * BLOCK_SIZE);
  #first = 0;
  #next = 0;
  #ms = 0;
  /** The lines before the run, and the blocks before those. */
  #lines = new ByteWriter(BLOCK_SIZE);
  #blocks = new ByteWriter(2 * BLOCK_SIZE);
  #flushed = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly flushMs: number, readonly isFramed: boolean) {}

  /**
   * Adds a task that returned a number at its first attempt, and gives what time it is then.
   *
   * @param isShared whether one of those before it may have taken the time
   */
  succeedNumber(id: number, value: number, ms: number, now: number, isShared: boolean): number {
    this.#begin(id, ms > 1 && !isShared);
    this.#run.number(value);
    return this.#end(id, ms, now);
  }

  /** Adds a task that succeeded at its first attempt, and gives what time it is then. */
  succeed(id: number, result: string, ms: number, now: number): number {
    this.#begin(id, ms > 1);
    this.#run.text(result);
    return this.#end(id, ms, now);
  }

  /** Adds any other line, and gives what time it is then. */
  add(line: string, now = Date.now()): number {
    this.#endRun();
    this.#lines.text(line);
    this.#lines.byte(NEWLINE);
    return this.#flushWhenDue(now);
  }

  /** Writes a message about the worker itself, for which there is no other occasion. */
  control(message: unknown): void {
    this.flush();
    // On its own it is small enough that a pipe takes it as one: it cannot be torn.
    if (this.isFramed) this.add(JSON.stringify(message));
    this.flush();
  }

  /** Writes what there is before long, together with what comes until then. */
  flushSoon(): void {
    if (this.flushMs === 0) return this.flush();
    if (this.#length > 0) this.#timer ??= setTimeout(() => this.flush(), this.flushMs);
  }

  flush(now = Date.now()): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = now;
    this.#endRun();
    this.#endLines();
    writeAll(this.#blocks.bytes);
    this.#blocks.clear();
  }

  get #length(): number {
    return this.#run.length + this.#lines.length + this.#blocks.length;
  }

  /** A pipe that is full takes its time, which is no task's. */
  #flushWhenDue(now: number): number {
    if (this.#length < BLOCK_SIZE && now - this.#flushed < this.flushMs) return now;
    this.flush(now);
    return Date.now();
  }

  /** One that took long stands alone, so that its time does too. */
  #begin(id: number, isAlone: boolean): void {
    if (id !== this.#next || isAlone) this.#endRun();
    if (this.#run.length === 0) this.#first = id;
  }

  #end(id: number, ms: number, now: number): number {
    this.#run.byte(NEWLINE);
    this.#next = id + 1;
    this.#ms += ms;
    if (ms > 0 || !this.isFramed) this.#endRun();
    return this.#flushWhenDue(now);
  }

  #endRun(): void {
    if (this.#run.length === 0) return;
    const id = this.#first, count = this.#next - id, ms = this.#ms, { bytes } = this.#run;
    if (count > 1) {
      this.#endLines();
      this.#block(blockHead({ id, count, bytes: bytes.length, ms }), bytes);
    } else {
      // A run of one is longer than its line.
      this.#lines.text(successHead(id, 1, ms));
      this.#lines.append(bytes.subarray(0, -1));
      this.#lines.text("}\n");
    }
    this.#run.clear();
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
    // What is behind the last newline would be a write of its own.
    this.#blocks.text(END);
  }
}

function writeAll(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeStdout(bytes.subarray(at));
  } catch (error) {
    // Without a way to answer there is nothing left to do.
    writeStderr(new TextEncoder().encode(`stdout was closed: ${error}\n`));
    exit(1);
  }
}
