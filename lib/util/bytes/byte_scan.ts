/**
 * Scans of many bytes, by a WebAssembly program that examines 16 at a time (`byte_scan.wat`). A loop
 * in JavaScript takes several times as long.
 *
 * @module
 */

import { fromBase64, newBytes, setBytes, startWasm, subarray } from "../builtins.ts";
import { byteLoops, type ByteProgram, CONTROL, COUNT, DATA, EMPTY, PADDED } from "./byte_loops.ts";
import { BYTE_SCAN_PROGRAM } from "./byte_scan_program.ts";

/** The facts about bytes that should be lines. */
export interface LineFacts {
  /** The number of newlines. */
  readonly count: number;
  /** True when a line is empty, or begins or ends with a blank or a control character. */
  readonly isPadded: boolean;
  /** True when a line is empty. */
  readonly hasEmpty: boolean;
  /** True when there is a control character that is not a tab, CR or LF. */
  readonly hasControl: boolean;
}

// The largest number of bytes at a time.
const WINDOW = 128 * 1024;
const NEWLINE = 10, LETTER = 120;
// The program reads up to this number of bytes behind the last one.
const PADDING = newBytes(18).fill(LETTER);
// A number that crosses the end of a window is found in the next one: longer runs of digits are
// found before.
const OVERLAP = 32;

let program: ByteProgram | undefined;
let memory: Uint8Array = newBytes(0);

/** Returns the facts about bytes that should be lines. */
export function scanLines(bytes: Uint8Array): LineFacts {
  const { lines } = loaded();
  let count = 0, flags = 0, before = NEWLINE;
  for (let at = 0; at < bytes.length; at += WINDOW) {
    memory[DATA - 1] = before;
    const found = lines(fill(bytes, at));
    count += found & COUNT;
    flags |= found;
    before = bytes[at + WINDOW - 1]!;
  }
  return {
    count,
    isPadded: (flags & PADDED) !== 0,
    hasEmpty: (flags & EMPTY) !== 0,
    hasControl: (flags & CONTROL) !== 0,
  };
}

/**
 * Returns the offset after a number of lines.
 *
 * @param from the offset at which the first of these lines begins
 * @param count the number of lines, at least 1
 * @returns the offset, or the length of the bytes if they have fewer lines
 */
export function afterLines(bytes: Uint8Array, from: number, count: number): number {
  const { lineEnd } = loaded();
  let missing = count;
  for (let at = from; at < bytes.length; at += WINDOW) {
    const found = lineEnd(fill(bytes, at), missing);
    if (found > 0) return at + found - DATA;
    missing = -found;
  }
  return bytes.length;
}

/**
 * Returns true when bytes may contain a number of 16 digits before its dot, one of 19 digits, or an
 * exponent of three digits. Such digits in a text count, too.
 */
export function hasBigNumbers(bytes: Uint8Array): boolean {
  const { bigNumbers } = loaded();
  memory[DATA - 1] = memory[DATA - 2] = LETTER;
  for (let at = 0; at < bytes.length; at += WINDOW - OVERLAP) {
    if (bigNumbers(fill(bytes, at)) !== 0) return true;
  }
  return false;
}

/**
 * Returns the CRC-32 of bytes.
 *
 * @param seed the checksum of the bytes before these
 */
export function scanCrc32(bytes: Uint8Array, seed: number): number {
  const { crc32 } = loaded();
  let sum = ~seed;
  for (let at = 0; at < bytes.length; at += WINDOW) sum = crc32(sum, fill(bytes, at));
  return ~sum >>> 0;
}

/** Copies a window of bytes to the program. Returns the offset of its end. */
function fill(bytes: Uint8Array, at: number): number {
  const isWhole = at === 0 && bytes.length <= WINDOW;
  const part = isWhole ? bytes : subarray(bytes, at, at + WINDOW), end = DATA + part.length;
  setBytes(memory, part, DATA);
  setBytes(memory, PADDING, end);
  return end;
}

function loaded(): ByteProgram {
  if (program) return program;
  const started = startWasm(fromBase64(BYTE_SCAN_PROGRAM));
  memory = started?.memory ?? newBytes(DATA + WINDOW + PADDING.length);
  return program = started?.exports as ByteProgram | undefined ?? byteLoops(memory);
}
