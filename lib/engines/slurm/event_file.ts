/**
 * The event file of an array task: its writer on the node, and its reader in the controller.
 *
 * The file consists of frames like those of a journal, because a network file system may show
 * zeros or old bytes in place of new ones.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { frameLine, FrameScanner } from "../../journal/frames.ts";
import { wholeEnd } from "../../journal/scan.ts";
import { NEWLINE } from "../../util/bytes/bytes.ts";
import { PRIVATE_FILE } from "../../util/files/fs.ts";
import { GrowingFile } from "../../util/files/growing_file.ts";
import { LineBuffer } from "../../util/files/line_buffer.ts";
import { tryJson } from "../../util/try_json.ts";
import { eachEnd, eventLines } from "../shared/event_lines.ts";
import { arrayTaskFiles, type ArrayTaskLine } from "./job_array.ts";
import { basename } from "../../util/paths.ts";

// On a network file system, other machines see new lines only after a sync.
const SYNC_MS = 1000;

/** Writes the event file of an array task. */
export class EventFile implements Disposable {
  /** Ids of the tasks that ended before Slurm restarted the array task. */
  readonly answered: Set<number>;
  /** The number of tasks that have ended, including those before a restart. */
  count: number;
  #file: Deno.FsFile;
  #lines: LineBuffer;
  #timer: ReturnType<typeof setInterval>;

  /**
   * Opens the file, and removes an incomplete end.
   *
   * @param dir the folder of the array
   * @param index the array task's index in the array
   */
  constructor(dir: string, index: number) {
    const path = arrayTaskFiles(dir, index).events, scanner = new FrameScanner(keyOf(dir, index));
    const options = { read: true, append: true, create: true, mode: PRIVATE_FILE };
    this.#file = Deno.openSync(path, options);
    this.answered = readAnswered(Deno.readFileSync(path), scanner);
    if (scanner.tail) this.#file.truncateSync(scanner.tail.at);
    let frames = scanner.number;
    const seal = (events: Uint8Array) =>
      new TextEncoder().encode(frameLine(scanner.job, ++frames, events));
    this.#lines = new LineBuffer(this.#file, path, seal);
    this.count = this.answered.size;
    this.#timer = setInterval(() => this.#sync(), SYNC_MS);
    const node = Deno.env.get("SLURMD_NODENAME") ?? "";
    this.say({ begun: new Date().toISOString(), node, framed: true });
    this.#sync();
  }

  /** Appends the events of a batch. */
  write(batch: EventBatch): void {
    for (const lines of eventLines(batch)) this.#lines.write(lines);
    this.count += batch.succeeded + batch.failures.length;
  }

  /** Appends a line about the array task itself. */
  say(line: ArrayTaskLine): void {
    this.#lines.write(new TextEncoder().encode(JSON.stringify(line) + "\n"));
  }

  /** Passes all lines to the kernel. */
  flush(): void {
    this.#lines.flush();
  }

  /** Flushes and closes the file, and exits the process. */
  exit(code: number): never {
    this[Symbol.dispose]();
    // A pending timer must not keep the process alive.
    Deno.exit(code);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#sync();
    this.#file.close();
  }

  #sync(): void {
    this.#lines.flush();
    this.#file.syncDataSync();
  }
}

/** Returns the ids of the tasks with a final event in a file. */
function readAnswered(bytes: Uint8Array, scanner: FrameScanner): Set<number> {
  const { events, used } = scanner.take(bytes), ids = new Set<number>();
  for (const part of [...events, ...scanner.end(bytes.subarray(used))]) {
    eachEnd(part, (id) => ids.add(id));
  }
  return ids;
}

const PIECE_BYTES = 1024 * 1024;
// The time in which a network file system shows the bytes of a frame, after some later bytes.
const PATIENCE_MS = 30_000;

/** Reads the event file of an array task while it grows. */
export class EventFileReader {
  #file: GrowingFile;
  #scanner: FrameScanner;
  #isFramed: boolean | undefined;
  #stuckSince: number | undefined;

  /**
   * Creates a reader at the start of the file, which need not exist yet.
   *
   * @param dir the folder of the array
   * @param index the array task's index in the array
   * @param recorded the number of bytes that an earlier controller has read. @default {0}
   */
  constructor(dir: string, index: number, readonly recorded = 0) {
    this.#file = new GrowingFile(arrayTaskFiles(dir, index).events, PIECE_BYTES);
    this.#scanner = new FrameScanner(keyOf(dir, index));
  }

  /** The number of bytes read so far. */
  get at(): number {
    return this.#file.at;
  }

  /**
   * Reads the next whole lines. Those that an earlier controller has read come apart from others.
   *
   * @param now the current time, from `performance.now()`
   * @returns the lines in parts; `undefined` when the file has no more whole lines.
   */
  next(now: number = performance.now()): Uint8Array[] | undefined {
    return this.#file.nextUsed((bytes) => {
      const taken = this.#take(bytes, now);
      this.#stuckSince = taken.used > 0 ? undefined : this.#stuckSince ?? now;
      return taken;
    })?.events;
  }

  #take(bytes: Uint8Array, now: number): { events: Uint8Array[]; used: number } {
    this.#isFramed ??= isFramed(bytes);
    if (this.#isFramed === undefined) return { events: [], used: 0 };
    if (this.#isFramed) {
      const isPatient = now - (this.#stuckSince ?? now) < PATIENCE_MS,
        left = this.recorded - this.at;
      // The bytes after a damaged frame are needed to skip it.
      const most = left > 0 && isPatient ? left : bytes.length;
      return this.#scanner.take(bytes.subarray(0, most), isPatient);
    }
    const used = wholeEnd(bytes);
    return { events: [bytes.subarray(0, used)], used };
  }
}

/**
 * Returns true when a file has frames, and `undefined` until its first line is complete. The files
 * of earlier versions have no frames.
 */
function isFramed(bytes: Uint8Array): boolean | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return undefined;
  const { begun, framed } = Object(tryJson(new TextDecoder().decode(bytes.subarray(0, end))));
  return begun === undefined || framed === true;
}

/** Returns the name of an event file in the checksums of its frames. */
function keyOf(dir: string, index: number): string {
  return `${basename(dir)}/${index}`;
}
