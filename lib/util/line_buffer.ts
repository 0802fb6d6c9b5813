/**
 * A buffer that writes whole lines to a file.
 *
 * @module
 */

import { writeAll } from "./fs.ts";

/** How long a line may wait for company. */
export const FLUSH_MS = 100;
const BUFFER_BYTES = 128 * 1024;

/** Writes to a file what has come together in a short time as one; what comes rarely, at once. */
export class LineBuffer implements Disposable {
  #file: Pick<Deno.FsFile, "writeSync">;
  #bytes = new Uint8Array(BUFFER_BYTES);
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushed = 0;
  #failure: unknown;

  /**
   * @param file where the lines go
   * @param path what it is called
   */
  constructor(file: Pick<Deno.FsFile, "writeSync">, readonly path: string) {
    this.#file = file;
  }

  /** Adds whole lines. */
  write(lines: Uint8Array): void {
    if (this.#at + lines.length > this.#bytes.length) this.flush();
    if (lines.length > this.#bytes.length) return this.#write(lines);
    this.#bytes.set(lines, this.#at);
    this.#at += lines.length;
    if (this.#timer !== undefined) return;
    if (Date.now() - this.#flushed >= FLUSH_MS) this.flush();
    else this.#timer = setTimeout(() => this.#flushLate(), FLUSH_MS);
  }

  /** Hands all that was added to the kernel. */
  flush(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = Date.now();
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    this.#write(bytes);
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  // Nobody waits for this one: the next to write learns of it.
  #flushLate(): void {
    try {
      this.flush();
    } catch {
      // It is kept.
    }
  }

  // Behind a line that was written in part nothing more may be written.
  #write(bytes: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    try {
      writeAll(this.#file, bytes, this.path);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
