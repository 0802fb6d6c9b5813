/**
 * Cheap checks of bytes that should consist of lines.
 *
 * @module
 */

import { indexOfByte } from "./builtins.ts";
import { NEWLINE } from "./bytes.ts";

const TAB = 9, RETURN = 13, SPACE = 32;
// A loop over the bytes of short lines is faster than a call of indexOf() for each line.
const SHORT_LINE = 48;

/** Returns true when bytes are exactly `count` lines, each with its newline. */
export function hasLines(bytes: Uint8Array, count: number): boolean {
  if (count === 0 || bytes[bytes.length - 1] !== NEWLINE) return false;
  let found = 0;
  if (bytes.length < count * SHORT_LINE) {
    for (let at = 0; at < bytes.length; at++) if (bytes[at] === NEWLINE) found++;
  } else {
    for (let at = indexOfByte(bytes, NEWLINE); at >= 0; found++) {
      at = indexOfByte(bytes, NEWLINE, at + 1);
    }
  }
  return found === count;
}

/**
 * Returns true when bytes are exactly `count` lines that may be JSON: no line is empty or contains
 * a control character. Of long lines, only the first and the last byte are examined.
 */
export function hasJsonLines(bytes: Uint8Array, count: number): boolean {
  if (count === 0 || bytes[bytes.length - 1] !== NEWLINE) return false;
  const isShort = bytes.length < count * SHORT_LINE;
  return (isShort ? countShortLines(bytes) : countLongLines(bytes)) === count;
}

/** Counts lines; returns -1 when a line is empty or contains a control character. */
function countShortLines(bytes: Uint8Array): number {
  let count = 0, start = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= SPACE) continue;
    if (byte === NEWLINE) {
      if (at === start) return -1;
      count++;
      start = at + 1;
    } else if (isControl(byte)) return -1;
  }
  return count;
}

/** Counts lines; returns -1 when a line begins or ends with a control character. */
function countLongLines(bytes: Uint8Array): number {
  let count = 0;
  for (let start = 0; start < bytes.length; count++) {
    const end = indexOfByte(bytes, NEWLINE, start);
    if (isControl(bytes[start]!) || isControl(bytes[end - 1]!)) return -1;
    start = end + 1;
  }
  return count;
}

/** Returns true for control characters that JSON forbids between values. */
function isControl(byte: number): boolean {
  return byte < SPACE && byte !== TAB && byte !== RETURN;
}
