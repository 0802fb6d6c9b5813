/**
 * The events of one platform job, compressed to the size that the platform returns.
 *
 * An archive is a list of parts. Each is its length in four bytes, big-endian, and gzip of lines as a
 * journal has them. The last line is about the platform job itself.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc1952
 *
 * @module
 */

import { type EventBatch, eventLine, parseEvent, successLine } from "../../journal/format.ts";
import { scanEvents } from "../../journal/scan.ts";
import { concatBytes } from "../../util/bytes.ts";

// The bytes that are compressed together: more compress better, but a part without room runs again.
const PART = 256 * 1024;
// The bytes of a part's length.
const LENGTH = 4;
// The room that is kept for the last line.
const RESERVE = 4096;

/** The longest result of a job that the platform returns, in bytes. */
export const MAX_ARCHIVE = 1_000_000;

/**
 * Collects the events of one platform job.
 *
 * A task whose event has no room has no response, and runs again in another platform job.
 */
export class ResultArchive {
  /** True when an event had no room. */
  isFull = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #open: Uint8Array[] = [];
  #openSize = 0;

  /** Adds the events of a batch. */
  async add({ lines, succeeded, failures }: EventBatch): Promise<void> {
    if (lines.length > PART) { for (const line of eachLine(lines)) await this.#add(line); }
    else if (succeeded > 0) await this.#add(lines.slice());
    for (const { event } of failures) await this.#add(encode(eventLine(event)));
  }

  /** Returns the archive, with a last line about the platform job. */
  async close(last: object): Promise<Uint8Array> {
    await this.#compress();
    const end = await compressed(encode(JSON.stringify(last)));
    return concatBytes([...this.#parts, lengthOf(end), end]);
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
    const part = await compressed(lines);
    if (part.length + LENGTH > MAX_ARCHIVE - RESERVE) {
      await this.#add(tooLong(lines));
      // The failure is compressed at once, because no further event may follow it.
      return await this.#compress();
    }
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
    const part = new Blob([bytes.slice(at + LENGTH, end)]).stream();
    yield await new Response(part.pipeThrough(new DecompressionStream("gzip"))).bytes();
  }
}

/** Returns successes one by one, each with a line of its own. */
function eachLine(lines: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  scanEvents(lines, {
    block({ id }, _start, results, end) {
      for (let at = results, next; at < end; at = next, id++) {
        next = lines.indexOf(10, at) + 1;
        all.push(encode(successLine(id, 1, 0, decode(lines.subarray(at, next - 1)))));
      }
    },
    success: (_id, start, _result, end) => all.push(lines.slice(start, end + 1)),
    other() {},
  });
  return all;
}

/** Returns a failure in place of an event that the platform would never return. */
function tooLong(line: Uint8Array): Uint8Array {
  const { id, attempt, type } = parseEvent(decode(line));
  const what = type === "succeeded" ? "what it returned" : "what it threw";
  const message = `${what} has ${line.length} bytes, and is longer than the platform takes back ` +
    `of one job, ${MAX_ARCHIVE} bytes when compressed: write it to a file and return its address`;
  const error = { message, type: "TooLong", class: "error" as const };
  return encode(eventLine({ id, attempt, type: "failed", ms: 0, error }));
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  new DataView(bytes.buffer).setUint32(0, part.length);
  return bytes;
}

function encode(line: string): Uint8Array {
  return new TextEncoder().encode(line + "\n");
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
