/**
 * Reads a file that another process appends to.
 *
 * @module
 */

import { NEWLINE } from "./bytes.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a growing file from the position where the last read stopped.
 *
 * The caller says how much of each piece it could use. The rest, such as a line that is not yet
 * complete, is part of the next piece. The file is opened for each read, so it may appear late, and
 * a handle never pins a file that was replaced.
 *
 * @example
 * ```ts
 * import { GrowingFile } from "./growing_file.ts";
 *
 * const path = Deno.makeTempFileSync();
 * const file = new GrowingFile(path), lines: string[] = [];
 * Deno.writeTextFileSync(path, "a\nb\nto");
 * file.nextLines((text) => lines.push(...text.split("\n")));
 * Deno.writeTextFileSync(path, "rn\n", { append: true });
 * file.nextLines((text) => lines.push(text));
 * Deno.removeSync(path);
 * if (lines.join() !== "a,b,torn") throw new Error(lines.join());
 * ```
 */
export class GrowingFile {
  /** The bytes that have been used so far, from the start of the file. */
  at = 0;
  /** The size of the file at the last read, in bytes. */
  size = 0;
  #pieceBytes: number;

  /**
   * Creates a reader at the start of a file.
   *
   * @param path a file that need not exist yet
   * @param pieceBytes the most bytes of a piece; more are read where an event is longer
   */
  constructor(readonly path: string, pieceBytes = PIECE_BYTES) {
    this.#pieceBytes = pieceBytes;
  }

  /**
   * Reads the bytes after `at`, at most a piece.
   *
   * @returns the bytes, to be followed by {@linkcode GrowingFile.advance}; `undefined` where the
   * file has no more of them
   */
  read(): Uint8Array | undefined {
    using file = openIfThere(this.path);
    if (!file) return undefined;
    this.size = file.statSync().size;
    if (this.size <= this.at) return undefined;
    return readAt(file, this.at, Math.min(this.#pieceBytes, this.size - this.at));
  }

  /**
   * Moves `at` after the bytes that were used.
   *
   * @param used the number of bytes used
   * @param length the length of the piece that they were in
   * @returns true when another read can bring more
   */
  advance(used: number, length: number): boolean {
    this.at += used;
    if (used > 0) return this.at < this.size;
    // An event that is longer than a piece needs a larger one.
    if (length === this.#pieceBytes) this.#pieceBytes *= 2;
    return length < this.size - this.at;
  }

  /**
   * Passes the next piece to a function.
   *
   * @param take uses bytes from the start of the piece, and returns their number
   * @returns true when another call can bring more
   */
  next(take: (bytes: Uint8Array) => number): boolean {
    const bytes = this.read();
    return bytes !== undefined && this.advance(take(bytes), bytes.length);
  }

  /**
   * Passes the whole lines of the next piece to a function, as text without the last newline.
   *
   * @returns true when another call can bring more
   */
  nextLines(take: (text: string) => void): boolean {
    return this.next((bytes) => {
      const end = bytes.lastIndexOf(NEWLINE);
      if (end >= 0) take(new TextDecoder().decode(bytes.subarray(0, end)));
      return end + 1;
    });
  }
}

function openIfThere(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readAt(file: Deno.FsFile, at: number, length: number): Uint8Array {
  file.seekSync(at, Deno.SeekMode.Start);
  return readFully(file, new Uint8Array(length));
}

/**
 * Fills a buffer from a file: one read may bring less than was asked for.
 *
 * @returns the part of the buffer that was filled; it is shorter where the file ends
 */
export function readFully(file: Pick<Deno.FsFile, "readSync">, buffer: Uint8Array): Uint8Array {
  let at = 0;
  while (at < buffer.length) {
    const count = file.readSync(buffer.subarray(at));
    if (count === null) break;
    at += count;
  }
  return buffer.subarray(0, at);
}
