/**
 * The events of one platform job, compressed to fit the platform's limit for results.
 *
 * An archive is a list of parts. Each part consists of a four-byte, big-endian length and gzip data
 * of this length. The uncompressed text consists of journal lines and a last line about the
 * platform job. A part may also be a file of a task (`task_files.ts`), which precedes the events of
 * the task.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc1952
 *
 * @module
 */

import {
  type EventBatch,
  eventLine,
  type LogLine,
  parseEvent,
  type TaskError,
} from "../../journal/format.ts";
import { eachResult, resultLine, scanEvents } from "../../journal/scan.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { packGzip, unpackGzip } from "./gzip.ts";
import { LastCheckpoints } from "./last_checkpoints.ts";
import { filePart, type TaskFile } from "../shared/task_files.ts";

// The uncompressed size of a part, in bytes. Larger parts compress better, but when a part does not
// fit, all its tasks must run again.
const PART = 256 * 1024;
// The size of a part's length field, in bytes.
const LENGTH = 4;
// The bytes reserved for the last line.
const RESERVE = 4096;

/** The size limit of a platform job's result, in bytes. */
export const MAX_ARCHIVE = 1_000_000;

/**
 * Collects the events of one platform job.
 *
 * A task whose event does not fit remains without a response, and runs again in another platform
 * job.
 */
export class ResultArchive {
  /** True when an event did not fit. */
  isFull = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #open: Uint8Array[] = [];
  #openSize = 0;
  #checkpoints: LastCheckpoints;

  /**
   * Creates an empty archive.
   *
   * @param warn receives log lines about checkpoints that cannot be added
   */
  constructor(warn: (line: LogLine) => void) {
    this.#checkpoints = new LastCheckpoints(warn);
  }

  /** Adds the successes and failures of a batch, and the checkpoints that later attempts need. */
  async add(batch: EventBatch): Promise<void> {
    if (this.isFull) return;
    const { lines, succeeded, failures } = batch;
    this.#checkpoints.add(batch);
    await this.#addText(this.#checkpoints.takeEnded(batch));
    if (lines.length > PART) { for (const line of eachLine(lines)) await this.#add(line); }
    else if (succeeded > 0) await this.#add(lines.slice());
    for (const { event } of failures) await this.#add(encode(eventLine(event)));
  }

  /**
   * Adds files. The events of their tasks are added next, so they are in the archive only if the
   * files are.
   *
   * @returns false when the files would not fit into an empty archive; no file is then added.
   */
  async addFiles(files: readonly TaskFile[]): Promise<boolean> {
    if (files.length === 0) return true;
    const parts = await Promise.all(files.map((file) => packGzip(filePart(file))));
    const size = parts.reduce((sum, { length }) => sum + length + LENGTH, 0);
    if (size > MAX_ARCHIVE - RESERVE) return false;
    await this.#compress();
    this.isFull ||= this.#size + size > MAX_ARCHIVE - RESERVE;
    for (const part of parts) this.#push(part);
    return true;
  }

  /** Ends the archive after the events that were added, because the next ones cannot be added. */
  async fill(): Promise<void> {
    await this.#compress();
    this.isFull = true;
  }

  /** Returns the archive with `last` as its last line. */
  async close(last: object): Promise<Uint8Array> {
    // Tasks that did not end continue from their checkpoints in another platform job.
    await this.#addText(this.#checkpoints.takeAll());
    await this.#compress();
    const end = await packGzip(encode(JSON.stringify(last)));
    return concatBytes([...this.#parts, lengthOf(end), end]);
  }

  async #addText(text: string): Promise<void> {
    if (text !== "") await this.#add(new TextEncoder().encode(text));
  }

  async #add(lines: Uint8Array): Promise<void> {
    if (this.#openSize + lines.length > PART) await this.#compress();
    this.#open.push(lines);
    this.#openSize += lines.length;
  }

  async #compress(): Promise<void> {
    const lines = concatBytes(this.#open);
    this.#open = [];
    this.#openSize = 0;
    if (lines.length === 0) return;
    const part = await packGzip(lines);
    if (part.length + LENGTH > MAX_ARCHIVE - RESERVE) {
      await this.#add(tooLong(lines));
      // Compresses the failure now, because no later event may trigger the compression.
      return await this.#compress();
    }
    this.#push(part);
  }

  #push(part: Uint8Array): void {
    this.isFull ||= this.#size + part.length + LENGTH > MAX_ARCHIVE - RESERVE;
    if (this.isFull) return;
    this.#parts.push(lengthOf(part), part);
    this.#size += part.length + LENGTH;
  }
}

/** Yields the lines of an archive, part by part. */
export async function* openArchive(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, end; at < bytes.length; at = end) {
    end = at + LENGTH + view.getUint32(at);
    yield await unpackGzip(bytes.subarray(at + LENGTH, end));
  }
}

/** Splits successes into one line per task. */
function eachLine(lines: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  scanEvents(lines, {
    block: (_head, start, _results, end) =>
      eachResult(lines.subarray(start, end), (id, result) => all.push(resultLine(id, result))),
    success: (_id, start, _result, end) => all.push(lines.slice(start, end + 1)),
    other() {},
  });
  return all;
}

/** Returns a failure that replaces an event too long for any archive. */
function tooLong(line: Uint8Array): Uint8Array {
  const { id, attempt, type } = parseEvent(new TextDecoder().decode(line));
  const what = type === "succeeded" ? "its return value has" : "its error has";
  const error = tooLongError(
    `${what} ${line.length} bytes, and exceeds`,
    "write it to a file and return the address of the file",
  );
  return encode(eventLine({ id, attempt, type: "failed", ms: 0, error }));
}

/**
 * Returns the error of a task whose result does not fit into any archive.
 *
 * @param excess the start of the message, such as `its error has 9 bytes, and exceeds`
 * @param advice the end of the message
 */
export function tooLongError(excess: string, advice: string): TaskError {
  const message = `${excess} the platform's limit for a result, ${MAX_ARCHIVE} bytes when ` +
    `compressed: ${advice}`;
  return { message, type: "TooLong", class: "error" };
}

function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  new DataView(bytes.buffer).setUint32(0, part.length);
  return bytes;
}

function encode(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}
