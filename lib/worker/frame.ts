/**
 * The frames in which bytes pass between the controller and a worker (`protocol.ts`).
 *
 * @module
 */

import {
  charCode,
  decodeStrict,
  encodeText,
  indexOfByte,
  matches,
  nativeParse,
  sliceText,
  subarray,
  toJsonText,
} from "../util/builtins.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";

/** The byte before and after each frame: the record separator. */
export const RS = 0x1e;

/** The bytes after the body of a frame. */
export const FRAME_END = "\x1e\n";

/** The fields of a frame's head. All values are non-negative safe integers. */
export type FrameHead = Readonly<Record<string, number>> & {
  /** The length of the body in bytes. */
  readonly bytes: number;
};

/** A whole frame. All offsets are relative to the bytes that contain the frame. */
export interface Frame {
  /** The fields of the head. */
  readonly head: FrameHead;
  /** The offset of the head, which ends with a newline. */
  readonly start: number;
  /** The offset of the body. */
  readonly body: number;
  /** The offset after the body. */
  readonly end: number;
  /** The offset after the frame. */
  readonly next: number;
}

/** An error in the bytes of a channel. The side that received them must not use them. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

// Heads are about 60 bytes. A longer line is not a head, so it is not buffered.
const MAX_HEAD = 200;
// About the longest JavaScript string, so every result fits.
const MAX_BODY = 2 ** 29;
// With at most 15 digits, every number is a safe integer.
const HEAD = /^\{"[a-z]+":\d{1,15}(,"[a-z]+":\d{1,15}){0,5}\}$/;

/**
 * Returns the bytes of a frame before its body: RS, the token, a checksum of the head, the head.
 *
 * @param head the head as JSON, with its newline
 */
export function frameHead(token: string, head: string): string {
  return `\x1e${token}${checksum(head)}${head}`;
}

const SUM_LENGTH = 10, { imul } = Math;

/**
 * Returns the FNV-1a hash of an ASCII text, as a number of ten digits.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-eastlake-fnv/ | The FNV hash}
 */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ charCode(text, i), 0x01000193);
  // The sum always has ten digits.
  return `${2 ** 32 + (hash >>> 0)}`;
}

/** Finds frames in bytes. Every frame must begin with the token of the channel. */
export class FrameReader {
  /**
   * The size of the incomplete frame that {@linkcode FrameReader.at} found last, in bytes; 0 while
   * its head is incomplete.
   */
  wanted = 0;
  #start: Uint8Array;

  /**
   * Creates a reader.
   *
   * @param token the secret that both ends of the channel share
   */
  constructor(token: string) {
    this.#start = encodeText(`\x1e${token}`);
  }

  /**
   * Returns the frame at an offset, or undefined when the frame is incomplete.
   *
   * @throws {ProtocolError} when the bytes are not the start of a frame.
   */
  at(bytes: Uint8Array, at: number): Frame | undefined {
    this.wanted = 0;
    this.#checkStart(bytes, at);
    const start = at + this.#start.length + SUM_LENGTH,
      newline = indexOfByte(bytes, NEWLINE, start);
    if (newline < 0 || newline - start > MAX_HEAD) {
      if (bytes.length - start > MAX_HEAD) throw new ProtocolError("a block has no head");
      return undefined;
    }
    const body = newline + 1;
    const head = parseHead(textOf(subarray(bytes, start - SUM_LENGTH, body)));
    const end = body + head.bytes, next = end + FRAME_END.length;
    if (next > bytes.length) {
      this.wanted = next - at;
      return undefined;
    }
    if (bytes[end] === RS && bytes[end + 1] === NEWLINE) return { head, start, body, end, next };
    throw new ProtocolError("a block does not end where its head says");
  }

  #checkStart(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < this.#start.length && at + i < bytes.length; i++) {
      if (bytes[at + i] === this.#start[i]) continue;
      throw new ProtocolError("a block does not begin with the token of its worker");
    }
  }
}

/** Decodes a head; returns an empty text for bytes that are not UTF-8. */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeStrict(bytes);
  } catch {
    return "";
  }
}

function parseHead(summed: string): FrameHead {
  const line = sliceText(summed, SUM_LENGTH), text = sliceText(line, 0, -1);
  const isWhole = checksum(line) === sliceText(summed, 0, SUM_LENGTH) && matches(HEAD, text);
  const head = isWhole ? tryParse(text) : undefined;
  if (head === undefined || !(head.bytes <= MAX_BODY)) {
    throw new ProtocolError(`a block has the invalid head ${toJsonText(sliceText(text, 0, 80))}`);
  }
  return head;
}

function tryParse(text: string): FrameHead | undefined {
  try {
    return nativeParse(text);
  } catch {
    return undefined; // A number with leading zeros.
  }
}
