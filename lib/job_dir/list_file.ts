/**
 * The copy of a job's list, `tasks.ndjson`, and its checksums, `tasks.sums`.
 *
 * @module
 */

import { countNewlines } from "../journal/scan.ts";
import { readBlocks } from "../ndjson/blocks.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { crc32, crc32Text } from "../util/bytes/crc32.ts";
import { exists, PRIVATE_FILE, statIfThere, writeAll, writeAtomic } from "../util/files/fs.ts";
import { cannotSync } from "../util/files/optional_calls.ts";
import { GrowingFile, openIfThere, readFully } from "../util/files/growing_file.ts";
import { hasLines } from "../util/bytes/line_count.ts";
import { jobFiles } from "./layout.ts";
import type { JobRecord } from "./record.ts";

/** Consecutive tasks of a list that were written together. */
export interface ListChunk {
  /** The id of the first task. */
  readonly id: number;
  /** The number of tasks. */
  readonly count: number;
  /** The lines of the tasks, each with its newline. */
  readonly bytes: Uint8Array;
}

/**
 * Writes the copy of a list.
 *
 * The checksum of a chunk is written before the chunk, so that every line of the list has a
 * checksum, even if the process is killed.
 */
export class ListFile implements Disposable {
  #job: string;
  #path: string;
  #tasks: Deno.FsFile;
  #sums: Deno.FsFile;

  /**
   * Opens the files for appending, and creates them if they are missing.
   *
   * @param folder the folder of the files
   * @param job the id of the job
   */
  constructor(folder: string, job: string) {
    const { tasks, sums } = jobFiles(folder);
    this.#job = job;
    this.#path = tasks;
    const options = { append: true, create: true, mode: PRIVATE_FILE };
    this.#sums = Deno.openSync(sums, options);
    this.#tasks = Deno.openSync(tasks, options);
  }

  /** Appends tasks. */
  append(chunk: ListChunk): void {
    writeAll(this.#sums, new TextEncoder().encode(sumLine(this.#job, chunk)), this.#path);
    writeAll(this.#tasks, chunk.bytes, this.#path);
  }

  /** Syncs the files to disk, and does not block this thread. */
  async syncSoon(): Promise<void> {
    await Promise.all([this.#sums.syncData(), this.#tasks.syncData()]).catch((cause) => {
      throw cannotSync(this.#path, cause);
    });
  }

  /** Syncs the files to disk. */
  sync(): void {
    try {
      this.#sums.syncDataSync();
      this.#tasks.syncDataSync();
    } catch (cause) {
      throw cannotSync(this.#path, cause as Error);
    }
  }

  [Symbol.dispose](): void {
    this.#sums.close();
    this.#tasks.close();
  }
}

/** A part of a list's copy, after its check. */
export interface CheckedChunk extends ListChunk {
  /** The offset in the file. */
  readonly at: number;
  /** The number of bytes in the file. */
  readonly length: number;
  /** The number of bytes that were written; 0 for bytes without a checksum. */
  readonly size: number;
  /** True when the bytes are those that were written; otherwise `bytes` cannot be believed. */
  readonly isSound: boolean;
}

/**
 * Reads the copy of a list in chunks, and checks each chunk. The list of a job of format 2 has no
 * checksums and is not checked.
 *
 * @param folder the folder of the files
 * @returns the chunks in order. A chunk that is not sound may be shorter than its number of tasks.
 * After damage of the checksums, one chunk contains the rest of the file.
 */
export async function* readList(
  folder: string,
  { id, format }: Pick<JobRecord, "id" | "format">,
): AsyncGenerator<CheckedChunk> {
  const { tasks, sums } = jobFiles(folder);
  if (format !== undefined || exists(sums)) yield* checkedChunks(tasks, sums, id);
  else if (exists(tasks)) yield* uncheckedChunks(tasks);
}

/**
 * Returns true when a list has the checksums in a file. Damaged checksums, and those after them, are
 * not compared.
 */
export function hasSums(tasks: string, sums: string, job: string): boolean {
  for (const { isSound, count } of checkedChunks(tasks, sums, job)) {
    if (!isSound && count > 0) return false;
  }
  return true;
}

/** Adds checksums to the list of a job of format 2. */
export async function addSums(folder: string, job: string): Promise<void> {
  const { tasks, sums } = jobFiles(folder);
  let lines = "";
  for await (const chunk of uncheckedChunks(tasks)) lines += sumLine(job, chunk);
  writeAtomic(sums, lines, { sync: true, mode: PRIVATE_FILE });
}

async function* uncheckedChunks(path: string): AsyncGenerator<CheckedChunk> {
  let id = 0, at = 0;
  for await (const bytes of readBlocks(path, { torn: "drop" })) {
    const count = countNewlines(bytes);
    yield { id, count, at, bytes, length: bytes.length, size: bytes.length, isSound: true };
    id += count;
    at += bytes.length;
  }
}

function* checkedChunks(tasks: string, sums: string, job: string): Generator<CheckedChunk> {
  using file = openIfThere(tasks);
  const size = file?.statSync().size ?? 0;
  let id = 0, at = 0;
  for (const line of new GrowingFile(sums).lines()) {
    const known = parseSum(line);
    if (known?.id !== id) break;
    const buffer = new Uint8Array(Math.min(known.bytes, size - at));
    const chunk = checkChunk(job, line, at, known, file ? readFully(file, buffer, tasks) : buffer);
    yield chunk;
    id += chunk.count;
    at += chunk.length;
  }
  const length = size - at;
  if (length > 0) {
    yield { id, count: 0, bytes: new Uint8Array(0), at, length, size: 0, isSound: false };
  }
}

/** Compares the bytes of a chunk with the line of its checksum. */
function checkChunk(
  job: string,
  line: string,
  at: number,
  { id, count, bytes: size }: KnownSum,
  bytes: Uint8Array,
): CheckedChunk {
  const chunk = { id, count, bytes }, { length } = bytes;
  const isSound = sumLine(job, chunk) === `${line}\n` && hasLines(bytes, count);
  return { ...chunk, at, length, size, isSound };
}

// About this many bytes of a growing list are read at once, with their checksums.
const PIECE_BYTES = 4 * 1024 * 1024, SUMS_BYTES = 64 * 1024;

/** Reads and checks the copy of a list that may still grow, as {@linkcode readList}. */
export class GrowingList {
  /** The number of tasks in the chunks that were read. */
  count = 0;
  /** The number of bytes in these chunks. */
  at = 0;
  /** True when a chunk, or the checksum of the next one, is damaged. */
  isDamaged = false;
  /** The path of the copy. */
  readonly path: string;
  #job: string;
  #file: GrowingFile;
  #sums: GrowingFile | undefined;
  #inode: number | null | undefined;
  #isBroken = false;

  /**
   * Creates a reader at the start of a list, which need not exist yet.
   *
   * @param folder the folder of the files
   */
  constructor(folder: string, { id, format }: Pick<JobRecord, "id" | "format">) {
    const { tasks, sums } = jobFiles(folder), isChecked = format !== undefined || exists(sums);
    this.path = tasks;
    this.#job = id;
    this.#file = new GrowingFile(tasks);
    if (isChecked) this.#sums = new GrowingFile(sums, SUMS_BYTES);
  }

  /** True when a resumed job has replaced or cut the files, because they were damaged. */
  get isStale(): boolean {
    if (this.#inode === undefined) return false;
    const file = statIfThere(this.path), sums = this.#sums && statIfThere(this.#sums.path);
    const isCut = (file?.size ?? 0) < this.at || (sums?.size ?? 0) < (this.#sums?.at ?? 0);
    return isCut || file?.ino !== this.#inode;
  }

  /**
   * Passes the next chunks to a function, without those whose writer has not finished them.
   *
   * @returns true when another call can read more chunks
   */
  next(take: (chunk: CheckedChunk) => void): boolean {
    const add = (chunk: CheckedChunk) => {
      this.#inode ??= statIfThere(this.path)?.ino;
      this.count += chunk.count;
      this.at += chunk.length;
      if (!chunk.isSound) this.isDamaged = true;
      take(chunk);
    };
    if (!this.#sums) return this.#file.next((bytes) => this.#takeLines(bytes, add));
    return !this.#isBroken && this.#sums.next((sums) => this.#takeChunks(sums, add));
  }

  #takeLines(piece: Uint8Array, add: (chunk: CheckedChunk) => void): number {
    const size = piece.lastIndexOf(NEWLINE) + 1, bytes = piece.subarray(0, size);
    const { count: id, at } = this, count = countNewlines(bytes);
    if (count > 0) add({ id, count, at, bytes, length: size, size, isSound: true });
    return size;
  }

  /** Reads the chunks of some checksums. Returns the size of the lines that were used. */
  #takeChunks(sums: Uint8Array, add: (chunk: CheckedChunk) => void): number {
    using file = openIfThere(this.path);
    const size = file?.statSync().size ?? 0, last = this.at + PIECE_BYTES;
    const lines = new TextDecoder().decode(sums).split("\n").slice(0, -1);
    file?.seekSync(this.at, Deno.SeekMode.Start);
    let used = 0;
    for (const line of lines) {
      const known = parseSum(line);
      if (known?.id !== this.count) {
        this.#isBroken = this.isDamaged = true;
        break;
      }
      if (!file || known.bytes > size - this.at || this.at >= last) break;
      const bytes = readFully(file, new Uint8Array(known.bytes), this.path);
      add(checkChunk(this.#job, line, this.at, known, bytes));
      used += line.length + 1;
    }
    return used;
  }
}

const SUM_LINE = /^\{"id":(\d+),"count":(\d+),"bytes":(\d+),"sum":\d+\}$/;

/** Returns the line with the checksum of a chunk, with its newline. */
function sumLine(job: string, { id, count, bytes }: ListChunk): string {
  const sum = crc32(bytes, crc32Text(`${id} ${count} ${job}`));
  return `{"id":${id},"count":${count},"bytes":${bytes.length},"sum":${sum}}\n`;
}

/** A chunk as its checksum describes it. */
interface KnownSum {
  readonly id: number;
  readonly count: number;
  readonly bytes: number;
}

function parseSum(line: string): KnownSum | undefined {
  const [, id, count, bytes] = (SUM_LINE.exec(line) ?? []).map(Number);
  return bytes === undefined ? undefined : { id: id!, count: count!, bytes };
}
