/**
 * Files that are read at any place, for formats that begin at the end of the file.
 *
 * @module
 */

import { checkUnchanged } from "./disk_file.ts";
import { UsageError } from "../util/errors.ts";
import { dirname } from "../util/paths.ts";
import { newTemporaryFile } from "../util/files/temporary_file.ts";

/** An open file that is read at any place. */
export class RandomFile implements Disposable {
  #file: Deno.FsFile;
  #before: Deno.FileInfo;
  /** The size of the file in bytes. */
  readonly size: number;

  /**
   * Takes over an open file.
   *
   * @param file the file, which is closed with this object
   */
  constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#before = file.statSync();
    this.size = this.#before.size;
  }

  /**
   * Checks that the file was not written since it was opened.
   *
   * @param name the name of the file, for the message
   * @throws {Error} when it has changed.
   */
  check(name: string): void {
    checkUnchanged(name, this.#before, this.#file.statSync());
  }

  /**
   * Returns the bytes from `start` up to `end`.
   *
   * @param allocate returns the memory for them. @default {new memory}
   * @throws {RangeError} when the file ends earlier.
   */
  read(
    start: number,
    end: number,
    allocate = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size),
  ): Uint8Array<ArrayBuffer> {
    if (start < 0 || end < start || end > this.size) {
      throw new RangeError(`bytes ${start} to ${end} of ${this.size} do not exist`);
    }
    const bytes = allocate(end - start);
    this.#file.seekSync(start, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(at));
      if (count === null) throw new RangeError("the file has become shorter");
      at += count;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Copies chunks to a temporary file without a name, which ends with the process at the latest.
 *
 * @param name the name of the source, for messages
 * @throws {UsageError} when the disk has no room.
 */
export async function spool(chunks: AsyncIterable<Uint8Array>, name: string): Promise<RandomFile> {
  const path = await newTemporaryFile();
  const file = Deno.openSync(path, { read: true, write: true });
  Deno.removeSync(path);
  try {
    for await (const chunk of chunks) writeChunk(file, chunk, `copy ${name} to ${dirname(path)}`);
    return new RandomFile(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

function writeChunk(file: Deno.FsFile, chunk: Uint8Array, action: string): void {
  try {
    for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
  } catch (cause) {
    throw new UsageError(
      `Cannot ${action}: ${(cause as Error).message}, set TMPDIR to a folder with more room`,
      { cause },
    );
  }
}
