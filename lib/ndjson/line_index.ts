/**
 * Reads single lines of a file by number.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";
import { readFully } from "../util/files/growing_file.ts";
import { readBlocks } from "./blocks.ts";

/**
 * An index of a file's lines by number, from 0. The index stores only the end offset of each line,
 * 8 bytes per line. The lines are read from the file.
 *
 * @example
 * ```ts
 * import { LineIndex } from "./line_index.ts";
 *
 * const path = Deno.makeTempFileSync();
 * Deno.writeTextFileSync(path, "a\nbc\ntorn");
 * using lines = await LineIndex.open(path);
 * const line = new TextDecoder().decode(lines.at(1));
 * if (lines.count !== 2 || line !== "bc") throw new Error(line);
 * ```
 */
export class LineIndex implements Disposable {
  #path: string;
  #file: Deno.FsFile;
  #ends = new Float64Array(1024);
  #count = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path);
  }

  /**
   * Indexes a file in one pass. A last line without a newline is ignored.
   *
   * @returns the index, which keeps the file open until it is disposed.
   * @throws {Deno.errors.NotFound} when the file does not exist.
   */
  static async open(path: string): Promise<LineIndex> {
    const index = new LineIndex(path);
    let at = 0;
    for await (const block of readBlocks(path, { torn: "drop" })) {
      for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, end + 1)) {
        index.#add(at + end);
      }
      at += block.length;
    }
    return index;
  }

  /** The number of lines. */
  get count(): number {
    return this.#count;
  }

  /**
   * Reads the line with the given number, from 0 to `count - 1`, without its newline.
   *
   * @throws {RangeError} when the file has no such line.
   * @throws {Error} when the file has become shorter.
   */
  at(number: number): Uint8Array {
    if (!(number < this.#count)) {
      throw new RangeError(`Cannot read line ${number}: the file has only ${this.#count} lines`);
    }
    const start = number === 0 ? 0 : this.#ends[number - 1]! + 1;
    const bytes = new Uint8Array(this.#ends[number]! - start);
    this.#file.seekSync(start, Deno.SeekMode.Start);
    if (readFully(this.#file, bytes, this.#path).length === bytes.length) return bytes;
    throw new Error(`Cannot read line ${number}: ${this.#path} has become shorter`);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #add(end: number): void {
    if (this.#count === this.#ends.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#count++] = end;
  }
}
