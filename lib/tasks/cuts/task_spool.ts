/**
 * Tasks in a temporary file, for cuts that need a whole list.
 *
 * @module
 */

import { writeAll } from "../../util/files/fs.ts";
import { readFully } from "../../util/files/growing_file.ts";
import { TaskBatch } from "../batch.ts";
import { newTemporaryFile } from "../../util/files/temporary_file.ts";

const BATCH_BYTES = 64 * 1024;

/**
 * A temporary file with the lines of tasks. The file has no name, so nothing of it remains when the
 * process is killed. About 16 bytes of memory remember a task.
 */
export class TaskSpool implements Disposable {
  #path: string;
  #file: Deno.FsFile;
  #ids: number[] = [];
  #ends: number[] = [];

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Creates an empty file. */
  static async open(): Promise<TaskSpool> {
    const path = await newTemporaryFile();
    const file = await Deno.open(path, { read: true, write: true });
    await Deno.remove(path);
    return new TaskSpool(path, file);
  }

  /** The number of tasks. */
  get count(): number {
    return this.#ids.length;
  }

  /** Appends tasks. */
  add(batch: TaskBatch): void {
    writeAll(this.#file, batch.bytes, this.#path);
    let end = this.#ends.at(-1) ?? 0;
    for (const { id, args } of batch) {
      this.#ids.push(id);
      this.#ends.push(end += args.length + 1);
    }
  }

  /** Yields the tasks at some positions, in the order of the positions. */
  *at(positions: Uint32Array): Generator<TaskBatch> {
    for (let from = 0, to; from < positions.length; from = to) {
      let size = 0;
      for (to = from; to < positions.length && size < BATCH_BYTES; to++) {
        size += this.#sizeOf(positions[to]!);
      }
      yield this.#batch(positions.subarray(from, to), size);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #batch(positions: Uint32Array, size: number): TaskBatch {
    const bytes = new Uint8Array(size);
    let end = 0;
    for (const position of positions) {
      const line = bytes.subarray(end, end += this.#sizeOf(position));
      this.#file.seekSync(this.#ends[position]! - line.length, Deno.SeekMode.Start);
      readFully(this.#file, line, "the temporary file of the list");
    }
    return TaskBatch.of(bytes, positions.length, positions.map((one) => this.#ids[one]!));
  }

  #sizeOf(position: number): number {
    return this.#ends[position]! - (this.#ends[position - 1] ?? 0);
  }
}
