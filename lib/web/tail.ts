/**
 * A file that grows, a piece at a time.
 *
 * @module
 */

import { exists } from "../util/fs.ts";

const PIECE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

/** Reads on in a file where it stopped. What is not whole yet is read again the next time. */
export class Tail {
  /** How much of the file has been taken, in bytes. */
  at = 0;
  /** How long it is, as far as is known. */
  size = 0;
  #piece = PIECE_BYTES;

  /** @param path a file that need not be there yet */
  constructor(readonly path: string) {}

  /**
   * Gives the next bytes and learns how many of them were whole.
   *
   * @returns whether there is more to read
   */
  next(take: (bytes: Uint8Array) => number): boolean {
    if (!exists(this.path)) return false;
    using file = Deno.openSync(this.path);
    this.size = file.statSync().size;
    if (this.size <= this.at) return false;
    const bytes = readAt(file, this.at, Math.min(this.#piece, this.size - this.at));
    const whole = take(bytes);
    this.at += whole;
    // What does not fit into a piece needs a larger one.
    if (whole === 0 && bytes.length === this.#piece) this.#piece *= 2;
    return whole > 0 ? this.at < this.size : bytes.length < this.size - this.at;
  }

  /** The same by whole lines, without the newline of the last one. */
  nextLines(take: (text: string) => void): boolean {
    return this.next((bytes) => {
      const end = bytes.lastIndexOf(NEWLINE);
      if (end >= 0) take(new TextDecoder().decode(bytes.subarray(0, end)));
      return end + 1;
    });
  }
}

function readAt(file: Deno.FsFile, at: number, length: number): Uint8Array {
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const count = file.readSync(bytes.subarray(end));
    if (count === null) break;
    end += count;
  }
  return bytes.subarray(0, end);
}
