/**
 * Reads a file that another process appends to.
 *
 * @module
 */

import { NEWLINE } from "../bytes/bytes.ts";

const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a growing file from the position where the last read stopped.
 *
 * The caller reports the number of bytes that it used from each piece. The rest, such as an
 * incomplete line, is part of the next piece. The file is opened for each read. It may be created
 * after the reader, and no open handle keeps a replaced file on the disk.
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
  /** The number of bytes used so far, from the start of the file. */
  at = 0;
  /** The size of the file at the last read, in bytes. */
  size = 0;
  #pieceBytes: number;

  /**
   * Creates a reader at the start of a file.
   *
   * @param path the path of the file, which need not exist yet
   * @param pieceBytes the maximum size of a piece, in bytes; it grows when a line is longer
   */
  constructor(readonly path: string, pieceBytes = PIECE_BYTES) {
    this.#pieceBytes = pieceBytes;
  }

  /**
   * Passes the next piece to a function.
   *
   * @param take uses bytes from the start of the piece, and returns their number
   * @returns true when another call can read more bytes
   */
  next(take: (bytes: Uint8Array) => number): boolean {
    const bytes = this.#read();
    return bytes !== undefined && this.#advance(take(bytes), bytes.length);
  }

  /**
   * Passes pieces to a function until it uses some bytes.
   *
   * @param parse parses bytes from the start of a piece, and returns the number of bytes used
   * @returns what the function has parsed; `undefined` when the file has no more.
   */
  nextUsed<Parsed extends { readonly used: number }>(
    parse: (bytes: Uint8Array) => Parsed,
  ): Parsed | undefined {
    for (let bytes = this.#read(); bytes; bytes = this.#read()) {
      const parsed = parse(bytes), isMore = this.#advance(parsed.used, bytes.length);
      if (parsed.used > 0) return parsed;
      if (!isMore) return undefined;
    }
    return undefined;
  }

  /**
   * Passes the whole lines of the next piece to a function, as text without the last newline.
   *
   * @returns true when another call can read more bytes
   */
  nextLines(take: (text: string) => void): boolean {
    return this.next((bytes) => {
      const end = bytes.lastIndexOf(NEWLINE);
      if (end >= 0) take(new TextDecoder().decode(bytes.subarray(0, end)));
      return end + 1;
    });
  }

  /** Yields the whole lines from `at` to the end of the file, without their newlines. */
  *lines(): Generator<string> {
    for (let isMore = true; isMore;) {
      let lines: string[] = [];
      isMore = this.nextLines((text) => lines = text.split("\n"));
      yield* lines;
    }
  }

  /** Reads at most one piece from the offset `at`; `undefined` when the file has no more. */
  #read(): Uint8Array | undefined {
    using file = openIfThere(this.path);
    if (!file) return undefined;
    this.size = file.statSync().size;
    if (this.size <= this.at) return undefined;
    file.seekSync(this.at, Deno.SeekMode.Start);
    const length = Math.min(this.#pieceBytes, this.size - this.at);
    return readFully(file, new Uint8Array(length), this.path);
  }

  /**
   * Moves `at` past the bytes that were used.
   *
   * @param used the number of bytes used
   * @param length the length of the piece that contains them
   * @returns true when another read can return more bytes
   */
  #advance(used: number, length: number): boolean {
    this.at += used;
    if (used > 0) return this.at < this.size;
    // A line that is longer than a piece needs a larger piece.
    if (length === this.#pieceBytes) this.#pieceBytes *= 2;
    return length < this.size - this.at;
  }
}

/** Opens a file; returns `undefined` only when it is missing, not when the disk reports an error. */
export function openIfThere(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Fills a buffer from a file. A single read may return fewer bytes than requested.
 *
 * @param name the file's name in the error message
 * @returns the filled part of the buffer, which is shorter than the buffer at the end of the file
 * @throws {Error} when the disk reports an error. Its own message does not name the file.
 */
export function readFully(
  file: Pick<Deno.FsFile, "readSync">,
  buffer: Uint8Array,
  name: string,
): Uint8Array {
  let at = 0;
  try {
    while (at < buffer.length) {
      const count = file.readSync(buffer.subarray(at));
      if (count === null) break;
      at += count;
    }
  } catch (cause) {
    throw new Error(`Cannot read ${name}: ${(cause as Error).message}`, { cause });
  }
  return buffer.subarray(0, at);
}
