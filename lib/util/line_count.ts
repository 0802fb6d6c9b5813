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
const ENDS = 1, CONTROL = 2;
// The kind of each byte: a newline, another control character, or 0. A branch for each byte of short
// lines would be slower, because the processor cannot predict where they end.
const KINDS = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte === NEWLINE ? ENDS : isControl(byte) ? CONTROL : 0,
);

/** Returns true when bytes are exactly `count` lines, each with its newline. */
export function hasLines(bytes: Uint8Array, count: number): boolean {
  if (count === 0 || bytes[bytes.length - 1] !== NEWLINE) return false;
  let found = 0;
  if (bytes.length < count * SHORT_LINE) {
    for (let at = 0; at < bytes.length; at++) found += KINDS[bytes[at]!]! & ENDS;
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
  let count = 0, faults = 0, before = ENDS;
  for (let at = 0; at < bytes.length; at++) {
    const kind = KINDS[bytes[at]!]!;
    count += kind & ENDS;
    faults |= (kind & before) | (kind & CONTROL);
    before = kind;
  }
  return faults === 0 ? count : -1;
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
