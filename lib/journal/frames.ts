/**
 * The frames of a journal. A frame is a group of events that were written together, and the line
 * with their checksum.
 *
 * @module
 */

import { NEWLINE } from "../util/bytes/bytes.ts";
import { crc32, crc32Text } from "../util/bytes/crc32.ts";
import { frameLineAt } from "./scan.ts";

/** A part of a file whose content cannot be believed. */
export interface Damage {
  /** The offset of the first damaged byte in the file. */
  readonly at: number;
  /** The number of damaged bytes; 0 at a place where bytes are missing. */
  readonly bytes: number;
}

/**
 * Returns the line that ends a frame, with its newline. The checksum also covers the job's id and
 * the number of the frame, so that a frame of another job or from another place is not believed.
 *
 * @param job the id of the job
 * @param number the number of the frame, from 1
 * @param events the events of the frame: whole lines
 *
 * @example
 * ```ts
 * import { frameLine } from "./frames.ts";
 *
 * const line = frameLine("a job", 1, new TextEncoder().encode('{"id":0,"result":1}\n'));
 * if (line !== '{"frame":1,"bytes":20,"sum":1544401728}\n') throw new Error(line);
 * ```
 */
export function frameLine(job: string, number: number, events: Uint8Array): string {
  const sum = crc32(events, crc32Text(`${number} ${job}`));
  return `{"frame":${number},"bytes":${events.length},"sum":${sum}}\n`;
}

/** A frame whose checksum is correct. All offsets are relative to the scanned bytes. */
interface Frame {
  readonly number: number;
  /** The first byte of its events. */
  readonly start: number;
  /** The first byte of the line with its checksum. */
  readonly line: number;
  /** The first byte after the frame. */
  readonly end: number;
}

// A search for the next correct frame reads at least this number of bytes. A frame that has not
// been written to its end is smaller, as a rule.
const SEARCH_BYTES = 8 * 1024 * 1024;

/**
 * Finds the frames of a journal whose checksums are correct, and the damage between them.
 *
 * Each frame is checked on its own, so damage is limited to the frames that it touches. The numbers
 * of believed frames increase: a frame that was copied from an earlier place is damage.
 */
export class FrameScanner {
  /** The number of the last frame that was believed. */
  number = 0;
  /** The offset in the file of the first byte that was not used yet. */
  at = 0;
  /** The damaged parts of the file so far. */
  readonly damages: Damage[] = [];
  /** The incomplete frame at the end of the file, which its writer did not finish. */
  tail: Damage | undefined;
  #searchBytes = SEARCH_BYTES;

  /**
   * Creates a scanner for the start of a journal.
   *
   * @param job the id of the job
   */
  constructor(readonly job: string) {}

  /**
   * Reads the frames at the start of a part of the file. The next part must begin with the bytes
   * that were not used.
   *
   * @param isPatient true to stop at a frame that is not correct, because a network file system may
   * show its bytes later. @default {false}
   * @returns the events of each frame, which share the memory of `bytes`, and the number of bytes
   * used.
   */
  take(bytes: Uint8Array, isPatient = false): { events: Uint8Array[]; used: number } {
    return this.#takeFrames(bytes, (from) => this.#next(bytes, from, isPatient));
  }

  /**
   * Reads the last part of the file, in which {@linkcode FrameScanner.take} found no frame.
   *
   * @returns the events of each frame that follows damage.
   */
  end(rest: Uint8Array): Uint8Array[] {
    const { events, used } = this.#takeFrames(rest, (from) => this.#search(rest, from));
    const left = { at: this.at, bytes: rest.length - used };
    if (left.bytes > 0) {
      if (hasFrameLine(rest, used)) this.damages.push(left);
      else this.tail = left;
    }
    return events;
  }

  #takeFrames(bytes: Uint8Array, find: (from: number) => Frame | undefined) {
    const events: Uint8Array[] = [];
    let used = 0;
    for (let frame = find(used); frame; frame = find(used)) {
      this.#noteGap(frame, used);
      events.push(bytes.subarray(frame.start, frame.line));
      this.number = frame.number;
      used = frame.end;
    }
    this.at += used;
    return { events, used };
  }

  #noteGap({ start, number }: Frame, from: number): void {
    const bytes = start - from;
    if (bytes > 0 || number !== this.number + 1) this.damages.push({ at: this.at + from, bytes });
  }

  /** Returns the frame at an offset. After damage, returns the next correct frame. */
  #next(bytes: Uint8Array, from: number, isPatient: boolean): Frame | undefined {
    const line = frameLineAt(bytes, from);
    const frame = line < 0 ? undefined : this.#frameAt(bytes, from, line);
    if (frame?.start === from) return frame;
    if (isPatient) return undefined;
    const rest = bytes.length - from;
    if (line < 0 && rest < this.#searchBytes) return undefined;
    const found = this.#search(bytes, from);
    // Doubles the size before the next search, so that the total cost is linear.
    this.#searchBytes = found ? SEARCH_BYTES : Math.max(SEARCH_BYTES, 2 * rest);
    return found;
  }

  #search(bytes: Uint8Array, from: number): Frame | undefined {
    for (const line of frameLines(bytes, from)) {
      const frame = this.#frameAt(bytes, from, line);
      if (frame) return frame;
    }
    return undefined;
  }

  /** Returns the frame whose last line starts at `line`, if the frame is correct. */
  #frameAt(bytes: Uint8Array, from: number, line: number): Frame | undefined {
    const text = lineAt(bytes, line), end = line + text.length;
    const [, number, length] = (FRAME_LINE.exec(text) ?? []).map(Number);
    if (number === undefined || number <= this.number) return undefined;
    const start = line - length!;
    if (start < from) return undefined;
    if (frameLine(this.job, number, bytes.subarray(start, line)) !== text) return undefined;
    return { number, start, line, end };
  }
}

const FRAME_LINE = /^\{"frame":(\d+),"bytes":(\d+),"sum":\d+\}\n$/;
const FRAME_KEY = new TextEncoder().encode('{"frame":');

/** Returns true when the line at an offset starts like the last line of a frame. */
export function isFrameLine(bytes: Uint8Array, at: number): boolean {
  return FRAME_KEY.every((byte, i) => bytes[at + i] === byte);
}

/** Yields the offsets of the complete lines that start like the last line of a frame. */
function* frameLines(bytes: Uint8Array, from: number): Generator<number> {
  for (let at = from, end; (end = bytes.indexOf(NEWLINE, at)) >= 0; at = end + 1) {
    if (isFrameLine(bytes, at)) yield at;
  }
}

/** Returns true when some bytes contain the complete last line of a frame. */
function hasFrameLine(bytes: Uint8Array, from: number): boolean {
  return frameLines(bytes, from).some((line) => FRAME_LINE.test(lineAt(bytes, line)));
}

/** Decodes the line at an offset, with its newline. */
function lineAt(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(NEWLINE, start) + 1;
  return new TextDecoder().decode(bytes.subarray(start, end));
}
