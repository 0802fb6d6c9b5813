/**
 * A buffer that writes whole lines to a file.
 *
 * @module
 */

import { writeAll } from "./fs.ts";
import { startLightTimer } from "../time/light_timer.ts";

/** The longest time that a line waits for further lines, in milliseconds. */
const FLUSH_MS = 100;
const FLUSH_DEFAULT = () => FLUSH_MS;
const BUFFER_BYTES = 128 * 1024;

/**
 * Writes lines that arrive within {@linkcode FLUSH_MS} with a single call. A line that arrives
 * after a longer pause is written immediately.
 */
export class LineBuffer implements Disposable {
  #file: Pick<Deno.FsFile, "writeSync">;
  #bytes = new Uint8Array(BUFFER_BYTES);
  #at = 0;
  #written = 0;
  /** Stops the timer, which runs on when a full buffer is flushed: stopping it is not cheap. */
  #stopTimer: (() => void) | undefined;
  #flushed = 0;
  #failure: unknown;
  #seal: ((lines: Uint8Array) => Uint8Array) | undefined;
  #waitMs: () => number;

  /**
   * Creates a buffer for an open file.
   *
   * @param file the file that the lines are appended to
   * @param path the name of the file in error messages
   * @param seal returns a line to write after the lines of each write, such as their checksum.
   * @default {none}
   * @param waitMs returns the longest time that a line waits, in milliseconds. @default {100}
   */
  constructor(
    file: Pick<Deno.FsFile, "writeSync">,
    readonly path: string,
    seal?: (lines: Uint8Array) => Uint8Array,
    waitMs = FLUSH_DEFAULT,
  ) {
    this.#file = file;
    this.#seal = seal;
    this.#waitMs = waitMs;
  }

  /** The number of bytes that were written to the file. */
  get written(): number {
    return this.#written;
  }

  /**
   * Adds whole lines.
   *
   * @returns the number of bytes before these lines, without those that the file had at the start
   * @throws {Error} when this or an earlier write failed.
   */
  write(lines: Uint8Array): number {
    if (this.#at + lines.length > this.#bytes.length) this.flush();
    const before = this.#written + this.#at;
    if (lines.length > this.#bytes.length) this.#write(lines);
    else this.#add(lines);
    return before;
  }

  #add(lines: Uint8Array): void {
    this.#bytes.set(lines, this.#at);
    this.#at += lines.length;
    if (this.#stopTimer !== undefined) return;
    const waitMs = this.#waitMs();
    if (Date.now() - this.#flushed >= waitMs) this.flush();
    else this.#stopTimer = startLightTimer(() => this.#flushLate(), waitMs);
  }

  /**
   * Writes all buffered lines to the file, without `fsync`.
   *
   * @throws {Error} when this or an earlier write failed.
   */
  flush(): void {
    this.#flushed = Date.now();
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    this.#write(bytes);
  }

  /** Writes all buffered lines to the file, which stays open. */
  [Symbol.dispose](): void {
    this.#stopTimer?.();
    this.flush();
  }

  // A timer has no caller that could catch the error, so the next write throws it.
  #flushLate(): void {
    this.#stopTimer = undefined;
    try {
      if (this.#at > 0) this.flush();
    } catch {
      // #failure keeps the error.
    }
  }

  // No bytes may follow a partially written line, so the first failure is final.
  #write(bytes: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    if (bytes.length === 0) return;
    try {
      this.#writeAll(bytes);
      if (this.#seal) this.#writeAll(this.#seal(bytes));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #writeAll(bytes: Uint8Array): void {
    writeAll(this.#file, bytes, this.path);
    this.#written += bytes.length;
  }
}
