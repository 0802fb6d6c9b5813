import { type EventBatch, eventLine, parseEvent, successLine } from "../../journal/format.ts";
import { scanEvents } from "../../journal/scan.ts";
import { concatBytes } from "../../util/bytes.ts";

// What is pressed at a time: enough to be worth it, little enough to be left behind.
const PART = 256 * 1024;
// The length of a part stands before it.
const LENGTH = 4;
// What is kept for the last words.
const RESERVE = 4096;

/** How much the platform takes back of one of its jobs, in bytes. */
export const MAX_PARCEL = 1_000_000;

/**
 * What became of the tasks of one platform job, pressed to what the platform takes back.
 *
 * A task whose answer has no room is not answered, and runs again in another platform job.
 */
export class Parcel {
  /** Whether an answer had no room. */
  isFull = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #open: Uint8Array[] = [];
  #openSize = 0;

  /** Adds what became of some tasks. */
  async add({ lines, succeeded, failures }: EventBatch): Promise<void> {
    if (lines.length > PART) { for (const line of eachLine(lines)) await this.#add(line); }
    else if (succeeded > 0) await this.#add(lines.slice());
    for (const { event } of failures) await this.#add(encode(eventLine(event)));
  }

  /** All of it, with a last line about itself. */
  async close(last: object): Promise<Uint8Array> {
    await this.#press();
    const end = await pressed(encode(JSON.stringify(last)));
    return concatBytes([...this.#parts, lengthOf(end), end]);
  }

  async #add(lines: Uint8Array): Promise<void> {
    if (this.#openSize + lines.length > PART) await this.#press();
    this.#open.push(lines);
    this.#openSize += lines.length;
  }

  async #press(): Promise<void> {
    const lines = concatBytes(this.#open);
    this.#open = [];
    this.#openSize = 0;
    if (lines.length === 0) return;
    const part = await pressed(lines);
    if (part.length + LENGTH > MAX_PARCEL - RESERVE) {
      await this.#add(tooLong(lines));
      // It may have been the last one.
      return await this.#press();
    }
    this.isFull ||= this.#size + part.length + LENGTH > MAX_PARCEL - RESERVE;
    if (this.isFull) return;
    this.#parts.push(lengthOf(part), part);
    this.#size += part.length + LENGTH;
  }
}

/** The lines that became a parcel, in its parts. */
export async function* openParcel(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, end; at < bytes.length; at = end) {
    end = at + LENGTH + view.getUint32(at);
    const part = new Blob([bytes.slice(at + LENGTH, end)]).stream();
    yield await new Response(part.pipeThrough(new DecompressionStream("gzip"))).bytes();
  }
}

/** Successes one by one, each a line of its own. */
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

/** What becomes of a task whose answer the platform would never take. */
function tooLong(line: Uint8Array): Uint8Array {
  const { id, attempt, type } = parseEvent(decode(line));
  const what = type === "succeeded" ? "what it returned" : "what it threw";
  const message = `${what} has ${line.length} bytes, and is longer than the platform takes back ` +
    `of one job, ${MAX_PARCEL} bytes when compressed: write it to a file and return its address`;
  const error = { message, type: "TooLong", class: "error" as const };
  return encode(eventLine({ id, attempt, type: "failed", ms: 0, error }));
}

async function pressed(bytes: Uint8Array): Promise<Uint8Array> {
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
