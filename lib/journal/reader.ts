/**
 * Reads the events of a journal, and finds its damage.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";
import { delay } from "../util/time/delay.ts";
import { GrowingFile, readFully } from "../util/files/growing_file.ts";
import { tryJson } from "../util/try_json.ts";
import { JOURNAL_VERSION, type JournalHeader, LEGACY_VERSION } from "./format.ts";
import { type Damage, FrameScanner, isFrameLine } from "./frames.ts";
import { LegacyScanner } from "./legacy.ts";
import { JournalState } from "./state.ts";

/** Reads a journal that may still grow. Only events with a correct checksum are returned. */
export class JournalReader {
  #file: GrowingFile;
  #scanner: FrameScanner | LegacyScanner | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  /** The offset in the file of the first byte of the buffer with the last part. */
  #bufferAt = 0;

  /**
   * Creates a reader at the start of a journal.
   *
   * @param path the path of the journal, which is also its name in errors
   * @param job the id of the job that the journal must belong to. @default {the id in its header}
   */
  constructor(readonly path: string, readonly job?: string) {
    this.#file = new GrowingFile(path);
  }

  /** The damaged parts of the journal, as far as it has been read. */
  get damages(): readonly Damage[] {
    return this.#scanner?.damages ?? [];
  }

  /** The unfinished events at the end of the journal; `undefined` until `end` was called. */
  get tail(): Damage | undefined {
    if (this.#scanner) return this.#scanner.tail;
    return this.#rest.length > 0 ? { at: 0, bytes: this.#rest.length } : undefined;
  }

  /** The number of the last frame; `undefined` when the format has no frames. */
  get frames(): number | undefined {
    return this.#scanner instanceof LegacyScanner ? undefined : this.#scanner?.number ?? 0;
  }

  /** The number of bytes read so far. */
  get at(): number {
    return this.#file.at;
  }

  /** The size of the journal at the last read, in bytes. */
  get size(): number {
    return this.#file.size;
  }

  /**
   * Reads the next part of the journal.
   *
   * @returns the events of its frames; `undefined` when the file has no more complete frame.
   * @throws {Error} when this version cannot read the journal, or it belongs to another job.
   */
  next(): Uint8Array[] | undefined {
    return this.#file.nextUsed((bytes) => {
      this.#bufferAt = this.#file.at - bytes.byteOffset;
      const taken = this.#take(bytes);
      this.#rest = bytes.subarray(taken.used);
      return taken;
    })?.events;
  }

  /**
   * Reads the end of a journal after {@linkcode JournalReader.next} returned `undefined`. The end
   * may be damaged, or incomplete because its writer was killed.
   *
   * @returns the events of the frames after damage.
   */
  end(): Uint8Array[] {
    if (!this.#scanner && this.job !== undefined && this.#rest.includes(NEWLINE)) {
      this.#scanner = new FrameScanner(this.job);
    }
    return this.#withoutHeader(this.#scanner?.end(this.#rest) ?? []);
  }

  /** Returns the offset in the file of events that the last call has returned. */
  offsetOf(events: Uint8Array): number {
    return this.#bufferAt + events.byteOffset;
  }

  /** Reads the whole journal, in chunks of whole events. */
  *all(): Generator<Uint8Array> {
    for (let events = this.next(); events; events = this.next()) yield* events;
    yield* this.end();
  }

  /** Reads the whole journal. Returns the state of each task. */
  states(): JournalState {
    const state = new JournalState();
    for (const events of this.all()) state.add(events);
    return state;
  }

  #take(bytes: Uint8Array): { events: Uint8Array[]; used: number } {
    this.#scanner ??= this.#open(bytes);
    if (!this.#scanner) return { events: [], used: 0 };
    const { events, used } = this.#scanner.take(bytes);
    return { events: this.#withoutHeader(events), used };
  }

  #withoutHeader(events: Uint8Array[]): Uint8Array[] {
    return events.filter((chunk) => chunk.length > 0 && !isHeader(chunk));
  }

  /** Chooses the format by the header; `undefined` until the header is complete. */
  #open(bytes: Uint8Array): FrameScanner | LegacyScanner | undefined {
    const end = bytes.indexOf(NEWLINE) + 1;
    if (end === 0) return undefined;
    const header = parseHeader(bytes.subarray(0, end)), isFramed = isFrameLine(bytes, end);
    const job = this.job ?? header?.job;
    if (header?.journal !== undefined && job !== undefined && header.job !== job) {
      this.#checkOwner(bytes, header, isFramed);
    }
    if (header?.journal === LEGACY_VERSION && !isFramed) return new LegacyScanner(end);
    if (header?.journal === JOURNAL_VERSION && job !== undefined) return new FrameScanner(job);
    return this.#openDamaged(bytes, header, job);
  }

  /** Opens a journal whose header is damaged, if one of its frames is correct. */
  #openDamaged(
    bytes: Uint8Array,
    header: Partial<JournalHeader> | undefined,
    job: string | undefined,
  ): FrameScanner {
    const isOurs = job !== undefined && new FrameScanner(job).end(bytes).length > 0;
    if (isOurs || (this.job !== undefined && header?.journal === undefined)) {
      return new FrameScanner(job!);
    }
    const reason = header?.journal === undefined
      ? "it is not a journal"
      : `its format is ${header.journal}, this version reads 2 and 3; use the version of dl_jobs ` +
        "that has written it";
    throw new Error(`Cannot read ${this.path}: ${reason}`);
  }

  /**
   * Refuses the journal of another job.
   *
   * A header with another id may also be damaged. Without checksums, it is not accepted.
   */
  #checkOwner(bytes: Uint8Array, { job }: Partial<JournalHeader>, isFramed: boolean): void {
    const isSound = !isFramed || new FrameScanner(job ?? "").take(bytes).events.length > 0;
    if (!isSound) return;
    throw new Error(
      `Cannot read ${this.path}: it is the journal of job ${job}, not of job ${this.job}`,
    );
  }
}

// Other work may run after this number of parts of a journal.
const PARTS_A_TURN = 4;

/**
 * Reads the state of each task from a whole journal.
 *
 * @param path the path of the journal, which is also its name in errors
 * @param job the id of the job that the journal must belong to. @default {the id in its header}
 * @throws {Error} when this version cannot read the journal, or it belongs to another job.
 */
export async function readTaskStates(path: string, job?: string): Promise<JournalState> {
  const state = new JournalState();
  for await (const events of readJournal(path, job)) state.add(events);
  return state;
}

/**
 * Yields the events of a journal in chunks of whole events, without the header. Events without a
 * correct checksum are left out.
 *
 * @param path the path of the journal, which is also its name in errors
 * @param job the id of the job that the journal must belong to. @default {the id in its header}
 * @throws {Error} when this version cannot read the journal, or it belongs to another job.
 */
export async function* readJournal(path: string, job?: string): AsyncGenerator<Uint8Array> {
  yield* readParts(new JournalReader(path, job));
}

/** Yields the events of a journal like {@linkcode readJournal}, with their offsets in its file. */
export async function* readPlacedEvents(
  path: string,
  job: string,
): AsyncGenerator<[events: Uint8Array, at: number]> {
  const reader = new JournalReader(path, job);
  for await (const events of readParts(reader)) yield [events, reader.offsetOf(events)];
}

async function* readParts(reader: JournalReader): AsyncGenerator<Uint8Array> {
  let parts = 0;
  for (let events = reader.next(); events; events = reader.next()) {
    yield* events;
    if (++parts % PARTS_A_TURN === 0) await delay(0);
  }
  yield* reader.end();
}

/** Reads parts of a journal by their offsets. The file is opened by the first read. */
export class JournalParts implements Disposable {
  #file: Deno.FsFile | undefined;

  /** Creates a reader of a journal. */
  constructor(readonly path: string) {}

  /**
   * Fills a buffer with the bytes from an offset.
   *
   * @throws {Error} when the file has fewer bytes.
   */
  read(at: number, buffer: Uint8Array): void {
    this.#file ??= Deno.openSync(this.path);
    this.#file.seekSync(at, Deno.SeekMode.Start);
    if (readFully(this.#file, buffer, this.path).length === buffer.length) return;
    throw new Error(
      `Cannot read ${this.path}: the file has been cut, check it with dl_jobs verify`,
    );
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

const HEADER_KEY = new TextEncoder().encode('{"journal":');

function isHeader(chunk: Uint8Array): boolean {
  return HEADER_KEY.every((byte, i) => chunk[i] === byte);
}

function parseHeader(line: Uint8Array): Partial<JournalHeader> | undefined {
  const header = tryJson(new TextDecoder().decode(line));
  return typeof header === "object" && header !== null ? header : undefined;
}
