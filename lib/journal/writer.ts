/**
 * The append-only file of events: the truth about a job.
 *
 * @module
 */

import { LineBuffer } from "../util/line_buffer.ts";
import { JOURNAL_VERSION, type JournalHeader } from "./format.ts";
import { cutTornLine, repairBlock } from "./repair.ts";

// A power cut may cost what was written since the last sync, and no more.
const SYNC_MS = 1000;

/**
 * Writes a journal. What is appended is with the kernel after {@linkcode LineBuffer}'s delay at the latest, and
 * then survives a `kill -9`; what is not yet there is run again.
 */
export class Journal implements Disposable {
  /** Files that must be on the disk before this one is: without them its events say nothing. */
  before: readonly string[] = [];
  #file: Deno.FsFile;
  #lines: LineBuffer;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isDirty = false;

  private constructor(readonly path: string) {
    this.#file = Deno.openSync(path, { append: true });
    this.#lines = new LineBuffer(this.#file, path);
  }

  /** Starts the journal of a new job. */
  static create(path: string, job: string): Journal {
    Deno.openSync(path, { write: true, createNew: true }).close();
    return new Journal(path).#begin(job);
  }

  /** Goes on with a journal, behind what is whole of its end. */
  static async open(path: string, job: string): Promise<Journal> {
    cutTornLine(path);
    await repairBlock(path);
    const journal = new Journal(path);
    // Its writer may have died before the first line.
    return journal.#file.statSync().size === 0 ? journal.#begin(job) : journal;
  }

  /** Adds whole events. */
  append(lines: Uint8Array): void {
    if (lines.length === 0) return;
    this.#lines.write(lines);
    this.#isDirty = true;
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#sync(), SYNC_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Takes note that there is more in a file that must be on the disk before it. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Hands all that was appended to the kernel. */
  flush(): void {
    this.#lines.flush();
  }

  /** Begins to bring everything to the disk. */
  syncSoon(): void {
    this.flush();
    this.#sync();
  }

  /** Brings everything to the disk. */
  sync(): void {
    this.flush();
    this.#isDirty = false;
    this.#file.syncDataSync();
  }

  /** Brings everything to the disk and closes the file. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    try {
      this.flush();
      if (this.#isDirty) this.sync();
    } finally {
      this.#file.close();
    }
  }

  #begin(job: string): Journal {
    const header: JournalHeader = { journal: JOURNAL_VERSION, job };
    this.#lines.write(new TextEncoder().encode(JSON.stringify(header) + "\n"));
    this.flush();
    return this;
  }

  #sync(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    // Not waited for: the disk may take its time, the job need not. A failure shows at the next write.
    const synced = Promise.all(this.before.map(syncFile)).then(() => this.#file.syncData());
    synced.catch(() => this.#isDirty = true);
  }
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.syncData();
}
