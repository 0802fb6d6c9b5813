/**
 * Reads and searches the lines of a job's list, which may still grow.
 *
 * @module
 */

import { type CheckedChunk, GrowingList } from "../job_dir/list_file.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { readFully } from "../util/files/growing_file.ts";
import { exists } from "../util/files/fs.ts";
import { delay } from "../util/time/delay.ts";

// A part is read for each line that is shown, and decoded at once when the list is searched.
const PART_BYTES = 64 * 1024;

/** Consecutive lines of a list. */
export interface TextPart {
  /** The number of the first line, which is the id of its task. */
  readonly id: number;
  /** The number of lines. */
  readonly count: number;
  /** The offset in the file, in bytes. */
  readonly at: number;
  /** The number of bytes; 0 for lines that are damaged. */
  readonly bytes: number;
}

/**
 * The lines of a list by number, without those that are damaged. Only the offsets of parts of about
 * 64 KiB are in memory.
 *
 * @example
 * ```ts
 * import { ListText } from "./list_text.ts";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${folder}/tasks.ndjson`, "1\n22\ntorn");
 * // The list of a job of format 2 has no checksums.
 * const list = new ListText(folder, { id: "x" });
 * while (list.read());
 * const lines = list.lines([1]);
 * Deno.removeSync(folder, { recursive: true });
 * if (list.count !== 2 || lines.get(1) !== "22") throw new Error(`${list.count}`);
 * ```
 */
export class ListText extends GrowingList {
  #parts: TextPart[] = [];

  /** The parts read so far, in order. */
  get parts(): readonly TextPart[] {
    return this.#parts;
  }

  /** Reads the next piece of the file. Returns true when more can be read immediately. */
  read(): boolean {
    return this.next((chunk) => this.#add(chunk));
  }

  /**
   * Returns lines by their numbers, without their newlines.
   *
   * @param numbers the numbers of lines; those that the list does not have, or that are damaged, are
   * left out
   */
  lines(numbers: Iterable<number>): Map<number, string> {
    const found = new Map<number, string>(), texts = new Map<TextPart, string[]>();
    for (const number of numbers) {
      const part = this.#partOf(number);
      if (!part || part.bytes === 0) continue;
      const lines = texts.get(part) ?? this.textOf(part).split("\n");
      texts.set(part, lines);
      found.set(number, lines[number - part.id]!);
    }
    return found;
  }

  /** Reads the text of a part. */
  textOf({ at, bytes }: TextPart): string {
    if (!exists(this.path)) return "";
    using file = Deno.openSync(this.path);
    file.seekSync(at, Deno.SeekMode.Start);
    return new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(readFully(file, new Uint8Array(bytes), this.path));
  }

  #add({ id, count, at: from, bytes, isSound }: CheckedChunk): void {
    if (!isSound) return void this.#parts.push({ id, count, at: from, bytes: 0 });
    let end = 0, number = id;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, end)) {
      this.#addLine(number++, from + end, at + 1 - end);
      end = at + 1;
    }
  }

  #addLine(id: number, at: number, bytes: number): void {
    const last = this.#parts.at(-1) as { count: number; bytes: number } | undefined;
    if (last && last.bytes > 0 && last.bytes + bytes <= PART_BYTES) {
      last.count++;
      last.bytes += bytes;
    } else this.#parts.push({ id, count: 1, at, bytes });
  }

  #partOf(number: number): TextPart | undefined {
    if (!(number < this.count)) return undefined;
    let low = 0, high = this.#parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#parts[middle]!.id <= number) low = middle;
      else high = middle - 1;
    }
    return this.#parts[low];
  }
}

/** The lines of a list that contain a text. Later calls search only new lines. */
export class TextSearch {
  #pattern: RegExp;
  #found: number[] = [];
  #next = 0;

  /**
   * Creates a search.
   *
   * @param text the text that a line must contain, in upper or lower case
   */
  constructor(readonly list: ListText, readonly text: string) {
    this.#pattern = new RegExp(RegExp.escape(text), "gi");
  }

  /** Searches new lines, with pauses for other work. Returns the numbers of all lines found. */
  async found(): Promise<readonly number[]> {
    let until = performance.now() + SLICE_MS;
    for (const part of this.#newParts()) {
      this.#searchPart(part);
      if (performance.now() < until) continue;
      await delay(0);
      until = performance.now() + SLICE_MS;
    }
    return this.#found;
  }

  /** Returns the parts with new lines. The last part may have been searched when it was shorter. */
  *#newParts(): Generator<TextPart> {
    const { parts } = this.list;
    for (let i = 0; i < parts.length; i++) {
      const { id, count } = parts[i]!;
      if (id + count > this.#next) yield parts[i]!;
    }
  }

  #searchPart(part: TextPart): void {
    const text = this.list.textOf(part);
    let line = part.id, start = 0;
    this.#pattern.lastIndex = 0;
    while (this.#pattern.test(text)) {
      const hit = this.#pattern.lastIndex - 1;
      let end = text.indexOf("\n", start);
      for (; end >= 0 && end < hit; line++) end = text.indexOf("\n", end + 1);
      // A file that has been cut off may end within a line.
      if (end < 0) break;
      if (line >= this.#next) this.#found.push(line);
      this.#pattern.lastIndex = start = end + 1;
      line++;
    }
    this.#next = part.id + part.count;
  }
}

// The stream of jobs continues between slices of this time.
const SLICE_MS = 20;
