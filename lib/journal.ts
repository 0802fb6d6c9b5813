/**
 * The append-only file of events: the truth about a job.
 *
 * @module
 */

import { idAt, parseEvent, resultAt, type TaskEvent } from "./event.ts";
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
/** How long a line may wait for company. */
export const FLUSH_MS = 100;
const BUFFER_BYTES = 128 * 1024;
const NEWLINE = 10;

/**
 * Writes a journal. What is appended is with the kernel after {@linkcode FLUSH_MS} at the latest, and
 * then survives a `kill -9`; what is not yet there is run again.
 */
export class Journal implements Disposable {
  #file: Deno.FsFile;
  #lines: LineBuffer;
  #timer: ReturnType<typeof setInterval>;
  #isDirty = false;

  private constructor(readonly path: string) {
    this.#file = Deno.openSync(path, { append: true });
    this.#lines = new LineBuffer(file);
    this.#timer = setInterval(() => this.#sync(), SYNC_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Starts the journal of a new job. */
  static create(path: string, job: string): Journal {
    const journal = new Journal(Deno.openSync(path, { write: true, createNew: true }));
    const header: JournalHeader = { journal: JOURNAL_VERSION, job };
    journal.append(new TextEncoder().encode(JSON.stringify(header) + "\n"));
    journal.flush();
    return journal;
  }

  /** Goes on with a journal: a torn last line is cut off first. */
  static open(path: string): Journal {
    cutTornLine(path);
    return new Journal(Deno.openSync(path, { append: true }));
  }

  /** Adds whole lines. */
  append(lines: Uint8Array): void {
    if (lines.length === 0) return;
    this.#lines.write(lines);
    this.#isDirty = true;
  }

  /** Hands all that was appended to the kernel. */
  flush(): void {
    this.#lines.flush();
  }

  /** Brings everything to the disk and closes the file. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    try {
      this.#lines[Symbol.dispose]();
      this.#file.syncDataSync();
    } finally {
      this.#file.close();
    }
  }

  #sync(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    // Not waited for: the disk may take its time, the job need not. A failure shows at the next write.
    this.#file.syncData().catch(() => this.#isDirty = true);
  }
}

/** Writes to a file what has come together in a short time, as one. */
export class LineBuffer implements Disposable {
  #file: Pick<Deno.FsFile, "writeSync">;
  #bytes = new Uint8Array(BUFFER_BYTES);
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: unknown;

  /** @param file where the lines go */
  constructor(file: Pick<Deno.FsFile, "writeSync">) {
    this.#file = file;
  }

  /** Adds whole lines. */
  write(lines: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    if (this.#at + lines.length > this.#bytes.length) this.flush();
    if (lines.length > this.#bytes.length) return writeAll(this.#file, lines);
    this.#bytes.set(lines, this.#at);
    this.#at += lines.length;
    this.#timer ??= setTimeout(() => this.#flushLate(), FLUSH_MS);
  }

  /** Hands all that was added to the kernel. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    writeAll(this.#file, bytes);
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  // Nobody waits for this one: the next to write learns of it.
  #flushLate(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** Writes all of some bytes: one call may take only a part. */
export function writeAll(file: Pick<Deno.FsFile, "writeSync">, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Cuts a file behind its last newline: what follows was being written when its writer died. */
export function cutTornLine(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const buffer = new Uint8Array(64 * 1024);
  for (let end = file.statSync().size; end > 0;) {
    const start = Math.max(0, end - buffer.length);
    file.seekSync(start, Deno.SeekMode.Start);
    const part = readFully(file, buffer.subarray(0, end - start));
    const newline = part.lastIndexOf(NEWLINE);
    if (newline >= 0) return file.truncateSync(start + newline + 1);
    end = start;
  }
  file.truncateSync(0);
}

function readFully(file: Deno.FsFile, into: Uint8Array): Uint8Array {
  let at = 0;
  while (at < into.length) {
    const count = file.readSync(into.subarray(at));
    if (count === null) break;
    at += count;
  }
  return into.subarray(0, at);
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

/** The last event of a task that failed. */
export type FailedEvent = Extract<TaskEvent, { type: "failed" }>;

function* otherEvents(block: Uint8Array): Generator<TaskEvent> {
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(NEWLINE, start);
    if (resultAt(block, start) < 0) {
      yield parseEvent(new TextDecoder().decode(block.subarray(start, end)));
    }
    start = end + 1;
  }
}

/** Where each task of a job stands. */
export class JournalState {
  /** How many tasks have succeeded, have failed, and had another attempt. */
  succeeded = 0;
  failed = 0;
  retried = 0;
  #states = new Uint8Array(1024);
  #attempts = new Map<number, number>();

  /** Reads a whole journal. */
  static async read(path: string): Promise<JournalState> {
    const state = new JournalState();
    for await (const block of readJournal(path)) state.add(block);
    return state;
  }

  /** The tasks that have failed and were not put back. */
  static async failures(path: string): Promise<Map<number, FailedEvent>> {
    const failed = new Map<number, FailedEvent>();
    for await (const block of readJournal(path)) {
      for (const event of otherEvents(block)) {
        if (event.type === "failed") failed.set(event.id, event);
        if (event.type === "queued") failed.delete(event.id);
      }
    }
    return failed;
  }

  /** How a task ended, if it has. */
  of(id: number): "open" | "succeeded" | "failed" {
    return STATES[this.#states[id] ?? OPEN]!;
  }

  /** Which attempt of a task comes next. */
  nextAttempt(id: number): number {
    return (this.#attempts.get(id) ?? 0) + 1;
  }

  /** Takes note of event lines. A success is known by its form, and is not parsed. */
  add(block: Uint8Array): void {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start);
      if (resultAt(block, start) >= 0) this.#set(idAt(block, start), SUCCEEDED);
      else this.event(parseEvent(new TextDecoder().decode(block.subarray(start, end))));
      start = end + 1;
    }
  }

  /** Takes note of an event. */
  event(event: TaskEvent): void {
    CONSUME[event.type](this, event);
  }

  /** Takes note of an attempt that was charged. */
  tried({ id, attempt }: TaskEvent): void {
    this.retried++;
    this.#attempts.set(id, attempt);
  }

  /** Takes note of an end, or of its withdrawal. */
  ended({ id, attempt }: TaskEvent, state: "open" | "succeeded" | "failed"): void {
    this.#set(id, STATES.indexOf(state));
    if (state === "failed") this.#attempts.set(id, attempt);
  }

  #set(id: number, state: number): void {
    if (id >= this.#states.length) {
      const larger = new Uint8Array(Math.max(id + 1, this.#states.length * 2));
      larger.set(this.#states);
      this.#states = larger;
    }
    const before = this.#states[id]!;
    // At least once means that a second success is no news.
    if (before === state) return;
    if (before === SUCCEEDED) this.succeeded--;
    if (before === FAILED) this.failed--;
    this.#states[id] = state;
    if (state === SUCCEEDED) this.succeeded++;
    if (state === FAILED) this.failed++;
  }
}

const STATES = ["open", "succeeded", "failed"] as const;
const OPEN = 0, SUCCEEDED = 1, FAILED = 2;

type Consumer = (state: JournalState, event: TaskEvent) => void;

const CONSUME: { readonly [T in TaskEvent["type"]]: Consumer } = {
  // Put back by the user, who wants it tried again.
  queued: (state, event) => state.ended(event, "open"),
  started: () => {},
  retried: (state, event) => state.tried(event),
  succeeded: (state, event) => state.ended(event, "succeeded"),
  failed: (state, event) => state.ended(event, "failed"),
  canceled: () => {},
  lost: () => {},
};

function withoutHeader(block: Uint8Array, path: string): Uint8Array {
  const end = block.indexOf(NEWLINE) + 1;
  const header = parseHeader(new TextDecoder().decode(block.subarray(0, end)));
  if (header?.journal === JOURNAL_VERSION) return block.subarray(end);
  throw new Error(
    `Cannot read ${path}: ${
      header?.journal
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
