/**
 * Writes the journal, the append-only file of a job's events.
 *
 * @module
 */

import { BackgroundSync } from "../util/files/background_sync.ts";
import { exists, isSameFile, PRIVATE_FILE } from "../util/files/fs.ts";
import { startLightInterval } from "../util/time/light_timer.ts";
import { LineBuffer } from "../util/files/line_buffer.ts";
import { JOURNAL_VERSION, type JournalHeader } from "./format.ts";
import { frameLine } from "./frames.ts";
import { JournalParts } from "./reader.ts";

// The interval between syncs, in milliseconds. A power cut loses only the events since the last
// sync.
const SYNC_MS = 1000;

/**
 * Writes a journal.
 *
 * {@linkcode LineBuffer} passes events to the kernel after at most 100 ms, as one frame with a
 * checksum. Events that the kernel has received survive a `kill -9`. Tasks whose events were lost
 * run again.
 */
export class Journal implements Disposable {
  /** The paths of files that are synced before the journal, because its events refer to them. */
  before: readonly string[] = [];
  #job: string;
  #file: Deno.FsFile;
  /** The file for reading; opened by the first read. */
  #parts: JournalParts | undefined;
  /** The size of the file when it was opened, in bytes. */
  #start: number;
  #lines: LineBuffer;
  #stopTimer: (() => void) | undefined;
  #disk = new BackgroundSync(() => this.#syncAll());

  /**
   * Opens a sound journal for appending.
   *
   * @param path the journal's path
   * @param job the job's id
   * @param frames the number of frames that the journal contains
   */
  constructor(readonly path: string, job: string, frames: number) {
    this.#job = job;
    this.#file = Deno.openSync(path, { append: true });
    this.#start = this.#file.statSync().size;
    let number = frames;
    const seal = (events: Uint8Array) => new TextEncoder().encode(frameLine(job, ++number, events));
    this.#lines = new LineBuffer(this.#file, path, seal);
    if (frames === 0) this.#begin(job);
  }

  /**
   * Creates the journal of a new job.
   *
   * @throws {Deno.errors.AlreadyExists} when the file exists.
   */
  static create(path: string, job: string): Journal {
    Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE }).close();
    return new Journal(path, job, 0);
  }

  /**
   * Appends whole events.
   *
   * @returns the offset of the events in the file
   * @throws {Error} when this or an earlier write or sync failed.
   */
  append(lines: Uint8Array): number {
    if (lines.length === 0) return 0;
    this.#check();
    const at = this.#start + this.#lines.write(lines);
    this.#stopTimer ??= startLightInterval(() => this.#disk.start(), SYNC_MS);
    this.#disk.add(lines.length);
    return at;
  }

  /**
   * Fills a buffer with bytes that were appended, also those that have not been written yet.
   *
   * @throws {Error} when the file has fewer bytes.
   */
  read(at: number, buffer: Uint8Array): void {
    this.flush();
    this.#parts ??= new JournalParts(this.path);
    this.#parts.read(at, buffer);
  }

  /** Records that a file in `before` has grown and must be synced. */
  touch(): void {
    this.#disk.add(0);
  }

  /** Passes all events to the kernel. */
  flush(): void {
    this.#lines.flush();
  }

  /** Starts to sync all events to disk, and does not wait for the disk. */
  syncSoon(): void {
    this.flush();
    this.#disk.start();
  }

  /**
   * Syncs all events to disk, and waits for the disk without blocking this thread.
   *
   * @throws {Error} when this or an earlier sync failed.
   */
  async synced(): Promise<void> {
    this.flush();
    await this.#disk.finish().catch(() => this.#check());
  }

  /** Syncs all events to disk, and blocks this thread. */
  sync(): void {
    this.flush();
    this.#check();
    this.#disk.reset();
    try {
      this.#checkPlace();
      this.#file.syncDataSync();
    } catch (cause) {
      throw this.#unsynced(cause as Error);
    }
  }

  /** Syncs all events to disk and closes the file. */
  [Symbol.dispose](): void {
    this.#stopTimer?.();
    try {
      this.flush();
      this.#check();
      if (this.#disk.isDirty) this.sync();
    } finally {
      this.#parts?.[Symbol.dispose]();
      this.#file.close();
    }
  }

  #begin(job: string): void {
    const header: JournalHeader = { journal: JOURNAL_VERSION, job };
    this.#lines.write(new TextEncoder().encode(JSON.stringify(header) + "\n"));
    this.flush();
  }

  async #syncAll(): Promise<void> {
    this.#checkPlace();
    const lost = this.before.find((path) => !exists(path));
    if (lost !== undefined) throw new LostFileError(lost, this.#job);
    await Promise.all(this.before.map(syncFile));
    await this.#file.syncData();
  }

  /**
   * Checks that the path still leads to all events, so that no job ends as succeeded without its
   * journal.
   *
   * @throws {LostFileError} when that is not so.
   */
  #checkPlace(): void {
    const now = this.#file.statSync(), size = this.#start + this.#lines.written;
    if (now.size < size || !isSameFile(now, this.path)) {
      throw new LostFileError(this.path, this.#job);
    }
  }

  #check(): void {
    const cause = this.#disk.failure as Error | undefined;
    if (cause !== undefined) throw this.#unsynced(cause);
  }

  #unsynced(cause: Error): Error {
    if (cause instanceof LostFileError) return cause;
    return new Error(
      `Cannot sync ${this.path}: ${cause.message}, the events of the last second may be lost; check ` +
        "the disk and continue with dl_jobs resume",
      { cause },
    );
  }
}

/** A file of a job that another program has removed, replaced or cut while the job ran. */
class LostFileError extends Error {
  constructor(path: string, job: string) {
    super(
      `Cannot write ${path}: it was removed, replaced or cut while the job ran; dl_jobs resume ` +
        `${job} runs the tasks again whose ends are lost`,
    );
  }
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.syncData();
}
