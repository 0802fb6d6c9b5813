/**
 * What a worker answers, on its way out.
 *
 * @module
 */

import { exit, writeStderr, writeStdout } from "./capture.ts";

/** Stands around each block. */
const RS = "\x1e";
// About what a pipe holds.
const BLOCK_SIZE = 48 * 1024;
// Room for what stands around a block.
const FRAME_SIZE = 64;

/** What goes out as one block: journal lines of successes with their results, or other lines. */
interface Block {
  lines: string;
  results: string;
  readonly isSuccess: boolean;
}

/**
 * Collects lines and writes them in blocks: RS, a head with the lengths, the lines, the results, RS.
 *
 * Others may write to the same pipe at the same time, and a large write is no single one. Where
 * something got in between, the RS does not stand where the head says. The other side keeps lines
 * and results as they are: what costs something for each task is done here, where it is done by
 * many.
 */
export class Answers {
  #blocks: Block[] = [];
  #lines = "";
  #results = "";
  #length = 0;
  #flushed = Date.now();
  #encoder = new TextEncoder();
  #buffer = new Uint8Array(8 * BLOCK_SIZE);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly flushMs: number, readonly isFramed: boolean) {}

  /** Adds a task that succeeded. */
  succeed(line: string, result: string, now: number): void {
    this.#lines += line + "\n";
    this.#results += result + "\n";
    this.#length += line.length + result.length;
    if (this.#length >= BLOCK_SIZE || now - this.#flushed >= this.flushMs) this.flush(now);
  }

  /** Adds any other line. */
  add(line: string, now = Date.now()): void {
    this.#endSuccesses();
    const last = this.#blocks.at(-1);
    if (last && !last.isSuccess) last.lines += line + "\n";
    else this.#blocks.push({ lines: line + "\n", results: "", isSuccess: false });
    this.#length += line.length;
    if (this.#length >= BLOCK_SIZE || now - this.#flushed >= this.flushMs) this.flush(now);
  }

  control(message: unknown): void {
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
    this.#endSuccesses();
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#length = 0;
    if (blocks.length > 0) this.#write(blocks);
  }

  #endSuccesses(): void {
    if (this.#lines === "") return;
    this.#blocks.push({ lines: this.#lines, results: this.#results, isSuccess: true });
    this.#lines = this.#results = "";
  }

  #write(blocks: readonly Block[]): void {
    const room = blocks.reduce(
      (sum, { lines, results }) => sum + 3 * (lines.length + results.length) + FRAME_SIZE,
      0,
    );
    if (room > this.#buffer.length) this.#buffer = new Uint8Array(room);
    let at = 0;
    for (const block of blocks) {
      at = this.isFramed ? this.#frame(block, at) : this.#plain(block, at);
    }
    this.#writeAll(this.#buffer.subarray(0, at));
  }

  /** Puts a block into the buffer; its head is known when its body is there. */
  #frame({ lines, results, isSuccess }: Block, at: number): number {
    const body = at + FRAME_SIZE;
    const middle = this.#put(lines, body), end = this.#put(results, middle);
    const head = `${RS}${middle - body} ${end - middle} ${isSuccess ? 1 : 0}\n`;
    const start = body - head.length;
    this.#put(head, start);
    this.#buffer[end] = RS.charCodeAt(0);
    // Blocks follow each other without a gap.
    this.#buffer.copyWithin(at, start, end + 1);
    return at + end + 1 - start;
  }

  #plain({ lines }: Block, at: number): number {
    return this.#put(lines, at);
  }

  #put(text: string, at: number): number {
    return at + this.#encoder.encodeInto(text, this.#buffer.subarray(at)).written;
  }

  #writeAll(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeStdout(bytes.subarray(at));
    } catch (error) {
      // Without a way to answer there is nothing left to do.
      writeStderr(this.#encoder.encode(`stdout was closed: ${error}\n`));
      exit(1);
    }
  }
}
