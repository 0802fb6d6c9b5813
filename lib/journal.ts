/**
 * The append-only file of events: the truth about a job.
 *
 * @module
 */

import { readBlocks } from "./ndjson.ts";

/** The version of the journal's format; older readers refuse a newer one. */
export const JOURNAL_VERSION = 1;

/** The first line of a journal. */
export interface JournalHeader {
  readonly journal: typeof JOURNAL_VERSION;
  /** The job's id. */
  readonly job: string;
}

// A power cut may cost what was written since the last sync, and no more.
const SYNC_MS = 1000;

/** Writes a journal. Each append is with the kernel when it returns, and so survives a `kill -9`. */
export class Journal implements Disposable {
  #file: Deno.FsFile;
  #timer: ReturnType<typeof setInterval>;
  #isDirty = false;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#timer = setInterval(() => this.#sync(), SYNC_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Starts the journal of a new job. */
  static create(path: string, job: string): Journal {
    const journal = new Journal(Deno.openSync(path, { write: true, createNew: true }));
    const header: JournalHeader = { journal: JOURNAL_VERSION, job };
    journal.append(new TextEncoder().encode(JSON.stringify(header) + "\n"));
    return journal;
  }

  /** Adds whole lines. */
  append(lines: Uint8Array): void {
    if (lines.length === 0) return;
    writeAll(this.#file, lines);
    this.#isDirty = true;
  }

  /** Brings everything to the disk and closes the file. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#file.syncDataSync();
    this.#file.close();
  }

  #sync(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    // Not waited for: the disk may take its time, the job need not. A failure shows at the next write.
    this.#file.syncData().catch(() => this.#isDirty = true);
  }
}

/** Writes all of some bytes: one call may take only a part. */
export function writeAll(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/**
 * The event lines of a journal, in blocks of whole lines. A torn last line is left out.
 *
 * @throws {Error} when the file is no journal that this version can read.
 */
export async function* readJournal(path: string): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const block of readBlocks(path, { torn: "drop" })) {
    yield isFirst ? withoutHeader(block, path) : block;
    isFirst = false;
  }
}

function withoutHeader(block: Uint8Array, path: string): Uint8Array {
  const end = block.indexOf(10) + 1;
  const header = parseHeader(new TextDecoder().decode(block.subarray(0, end)));
  if (header?.journal === JOURNAL_VERSION) return block.subarray(end);
  throw new Error(
    `Cannot read ${path}: ${
      header
        ? `its format is ${header.journal}, this version knows ${JOURNAL_VERSION}`
        : "it is no journal"
    }`,
  );
}

function parseHeader(line: string): { journal?: number } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
