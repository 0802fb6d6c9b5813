/**
 * The append-only file of events: the truth about a job.
 *
 * @module
 */

import { type FailureClass, parseEvent, type TaskEvent } from "./event.ts";
import { concatBytes } from "./helpers.ts";
import { readBlocks } from "./ndjson.ts";
import { mendedHead, visitEvents, wholeEnd } from "./visit.ts";

/** The version of the journal's format; older readers refuse a newer one. */
export const JOURNAL_VERSION = 2;

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
    await mendRun(path);
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

/** Writes to a file what has come together in a short time as one; what comes rarely, at once. */
export class LineBuffer implements Disposable {
  #file: Pick<Deno.FsFile, "writeSync">;
  #bytes = new Uint8Array(BUFFER_BYTES);
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushed = 0;
  #failure: unknown;

  /**
   * @param file where the lines go
   * @param path what it is called
   */
  constructor(file: Pick<Deno.FsFile, "writeSync">, readonly path: string) {
    this.#file = file;
  }

  /** Adds whole lines. */
  write(lines: Uint8Array): void {
    if (this.#at + lines.length > this.#bytes.length) this.flush();
    if (lines.length > this.#bytes.length) return this.#write(lines);
    this.#bytes.set(lines, this.#at);
    this.#at += lines.length;
    if (this.#timer !== undefined) return;
    if (Date.now() - this.#flushed >= FLUSH_MS) this.flush();
    else this.#timer = setTimeout(() => this.#flushLate(), FLUSH_MS);
  }

  /** Hands all that was added to the kernel. */
  flush(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = Date.now();
    const bytes = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    this.#write(bytes);
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  // Nobody waits for this one: the next to write learns of it.
  #flushLate(): void {
    try {
      this.flush();
    } catch {
      // It is kept.
    }
  }

  // Behind a line that was written in part nothing more may be written.
  #write(bytes: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    try {
      writeAll(this.#file, bytes, this.path);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}

/**
 * Writes all of some bytes: one call may take only a part.
 *
 * @throws {Error} when the disk is full or gone. It helps to make room and to resume the job.
 */
export function writeAll(
  file: Pick<Deno.FsFile, "writeSync">,
  bytes: Uint8Array,
  path: string,
): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (cause) {
    throw new Error(
      `Cannot write ${path}: ${(cause as Error).message}, mend that and go on with dl_jobs resume`,
      { cause },
    );
  }
}

/** Cuts a file behind its last newline: what follows was being written when its writer died. */
export function cutTornLine(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true, create: true });
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

/** Makes a run that was cut short one that ends where the file does. */
async function mendRun(path: string): Promise<void> {
  const blocks = wholeBlocks(path);
  let next = await blocks.next();
  while (!next.done) next = await blocks.next();
  if (!next.value) return;
  using file = await Deno.open(path, { write: true });
  const { at, bytes } = next.value, mended = mendedHead(bytes);
  if (!mended) return await file.truncate(at);
  await file.seek(at, Deno.SeekMode.Start);
  writeAll(file, new TextEncoder().encode(mended.head), path);
}

/** The last bytes of a journal, where these are no whole run. */
interface TornRun {
  /** Where they start. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A journal in blocks of whole events, and what is torn at its end. */
async function* wholeBlocks(
  source: string | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, TornRun | undefined> {
  let rest: Uint8Array = new Uint8Array(0), at = 0;
  for await (const block of readBlocks(source, { torn: "drop" })) {
    const bytes = rest.length > 0 ? concatBytes([rest, block]) : block;
    const end = wholeEnd(bytes);
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.slice(end);
    at += end;
  }
  return rest.length > 0 ? { at, bytes: rest } : undefined;
}

/**
 * The events of a journal, in blocks of whole ones. Of what was torn at the end, the whole lines are
 * there.
 *
 * @param bytes what stands in the file, where that still grows
 * @throws {Error} when the file is no journal that this version can read.
 */
export async function* readJournal(
  path: string,
  bytes?: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const blocks = wholeBlocks(bytes ?? path);
  let next = await blocks.next();
  for (let isFirst = true; !next.done; next = await blocks.next()) {
    yield isFirst ? withoutHeader(next.value, path) : next.value;
    isFirst = false;
  }
  const mended = next.value && mendedHead(next.value.bytes);
  if (!mended) return;
  const head = new TextEncoder().encode(mended.head);
  yield concatBytes([head, next.value!.bytes.subarray(head.length, mended.end)]);
}

/** The last event of a task that failed. */
export type FailedEvent = Extract<TaskEvent, { type: "failed" }>;

/** How the tasks ended that have failed and were not put back, in the order in which they did. */
export async function* readFailures(path: string): AsyncGenerator<FailedEvent> {
  const state = await JournalState.read(path);
  if (state.failed === 0) return;
  for await (const block of readJournal(path)) {
    for (const event of otherEvents(block)) if (state.isEnd(event)) yield event;
  }
}

function otherEvents(block: Uint8Array): TaskEvent[] {
  const events: TaskEvent[] = [];
  visitEvents(block, {
    run() {},
    success() {},
    other: (start, end) => void events.push(toEvent(block, start, end)),
  });
  return events;
}

function toEvent(bytes: Uint8Array, start: number, end: number): TaskEvent {
  return parseEvent(new TextDecoder().decode(bytes.subarray(start, end)));
}

/** Where each task of a job stands. */
export class JournalState {
  /** How many tasks have succeeded, have failed, and had another attempt. */
  succeeded = 0;
  failed = 0;
  retried = 0;
  #states = new Uint8Array(1024);
  #attempts = new Map<number, number>();
  #tries = new Map<number, FailureClass[]>();

  /** Reads a whole journal. */
  static async read(path: string): Promise<JournalState> {
    const state = new JournalState();
    for await (const block of readJournal(path)) state.add(block);
    return state;
  }

  /** How a task ended, if it has. */
  of(id: number): "open" | "succeeded" | "failed" {
    return STATES[this.#states[id] ?? OPEN]!;
  }

  /** Whether any task from an id on has ended. */
  hasEndFrom(id: number): boolean {
    return this.#states.subarray(id).some((state) => state !== OPEN);
  }

  /** Which attempt of a task comes next. */
  nextAttempt(id: number): number {
    return (this.#attempts.get(id) ?? 0) + 1;
  }

  /** Why a task that has not ended has failed so far. */
  triesOf(id: number): readonly FailureClass[] {
    return this.#tries.get(id) ?? [];
  }

  /** Whether an event is how its task ended: it has failed, and was not put back since. */
  isEnd(event: TaskEvent): event is FailedEvent {
    return event.type === "failed" && this.of(event.id) === "failed" &&
      event.attempt >= this.nextAttempt(event.id);
  }

  /** Takes note of whole events. A success is known by its form, and is not parsed. */
  add(block: Uint8Array): void {
    visitEvents(block, {
      run: ({ id, count }) => {
        for (let i = id; i < id + count; i++) this.#set(i, SUCCEEDED);
      },
      success: (id) => this.#set(id, SUCCEEDED),
      other: (start, end) => this.event(toEvent(block, start, end)),
    });
  }

  /** Takes note of an event. */
  event(event: TaskEvent): void {
    CONSUME[event.type](this, event as never);
  }

  /** Takes note of an attempt that was charged. */
  tried({ id, attempt, error }: Extract<TaskEvent, { type: "retried" }>): void {
    this.retried++;
    this.#attempts.set(id, attempt);
    this.#tries.set(id, [...this.triesOf(id), error.class]);
  }

  /** Takes note that the user wants it tried again. */
  reopened({ id, attempt }: TaskEvent): void {
    this.#set(id, OPEN);
    this.#attempts.set(id, attempt);
  }

  /** Takes note of an end. */
  ended({ id }: TaskEvent, state: "succeeded" | "failed"): void {
    this.#set(id, STATES.indexOf(state));
  }

  #set(id: number, state: number): void {
    if (this.#tries.size > 0) this.#tries.delete(id);
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

type Consumer<T> = (state: JournalState, event: Extract<TaskEvent, { type: T }>) => void;

const CONSUME: { readonly [T in TaskEvent["type"]]: Consumer<T> } = {
  queued: (state, event) => state.reopened(event),
  started: () => {},
  retried: (state, event) => state.tried(event),
  succeeded: (state, event) => state.ended(event, "succeeded"),
  failed: (state, event) => state.ended(event, "failed"),
  canceled: () => {},
  lost: () => {},
};

/**
 * The first events of a journal without the line before them.
 *
 * @throws {Error} when the file is no journal that this version can read.
 */
export function withoutHeader(block: Uint8Array, path: string): Uint8Array {
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
