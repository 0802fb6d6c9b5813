/**
 * Reads the lines of a job's list by the ids of the tasks.
 *
 * @module
 */

import { argsText } from "../tasks/batch.ts";
import { readFully } from "../util/files/growing_file.ts";
import { jobFiles } from "./layout.ts";
import { type CheckedChunk, readList } from "./list_file.ts";
import type { JobRecord } from "./record.ts";

/** A part of the list, without its bytes. */
type Part = Pick<CheckedChunk, "id" | "count" | "at" | "length">;

/** The texts of the tasks in a part of the list. */
interface PartLines {
  readonly id: number;
  readonly lines: readonly string[];
}

// Workers and slices run tasks of several parts at the same time.
const MOST_PARTS = 16;

/** The lines of a list. Only some parts of the file are in memory. */
export class ListLines implements Disposable {
  #path: string;
  #file: Deno.FsFile | undefined;
  #parts: readonly Part[];
  #loaded = new Map<Part, PartLines>();
  #last: PartLines = { id: 0, lines: [] };

  private constructor(path: string, parts: readonly Part[]) {
    this.#path = path;
    // A job that died before it started has no list.
    this.#file = parts.length > 0 ? Deno.openSync(path) : undefined;
    this.#parts = parts;
  }

  /**
   * Reads the places of all parts of the list. A part that its writer did not finish is left out.
   *
   * @param folder the job's folder
   * @returns the lines, which keep the file open until they are disposed of
   */
  static async open(folder: string, record: JobRecord): Promise<ListLines> {
    const parts: Part[] = [];
    for await (const { id, count, at, length, isSound } of readList(folder, record)) {
      if (isSound) parts.push({ id, count, at, length });
    }
    return new ListLines(jobFiles(folder).tasks, parts);
  }

  /** The number of tasks. */
  get count(): number {
    const { id, count } = this.#parts.at(-1) ?? { id: 0, count: 0 };
    return id + count;
  }

  /**
   * Returns the arguments of a task as the text of its line; `undefined` when the list has no such
   * line, or its part is damaged.
   */
  at(task: number): string | undefined {
    const known = this.#last.lines[task - this.#last.id];
    if (known !== undefined || this.#parts.length === 0) return known;
    this.#last = this.#partOf(task);
    return this.#last.lines[task - this.#last.id];
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }

  #partOf(task: number): PartLines {
    const part = this.#parts[this.#indexOf(task)]!;
    const lines = this.#loaded.get(part) ?? this.#read(part);
    // The part that was used last is removed last.
    this.#loaded.delete(part);
    this.#loaded.set(part, lines);
    if (this.#loaded.size > MOST_PARTS) this.#loaded.delete(this.#loaded.keys().next().value!);
    return lines;
  }

  #indexOf(task: number): number {
    let low = 0, high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#parts[middle]!.id <= task) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #read({ id, at, length }: Part): PartLines {
    const file = this.#file!;
    file.seekSync(at, Deno.SeekMode.Start);
    const bytes = readFully(file, new Uint8Array(length), this.#path);
    return { id, lines: argsText(bytes).split("\n").slice(0, -1) };
  }
}
