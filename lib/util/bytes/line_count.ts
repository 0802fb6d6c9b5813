/**
 * Cheap checks of bytes that should consist of lines.
 *
 * @module
 */

import { scanLines } from "./byte_scan.ts";
import { NEWLINE } from "./bytes.ts";

/** Returns true when bytes are exactly `count` lines, each with its newline. */
export function hasLines(bytes: Uint8Array, count: number): boolean {
  return count > 0 && bytes[bytes.length - 1] === NEWLINE && scanLines(bytes).count === count;
}

/**
 * Returns true when bytes are exactly `count` lines that may be JSON: no line is empty or contains
 * a control character that JSON forbids between values.
 */
export function hasJsonLines(bytes: Uint8Array, count: number): boolean {
  if (count === 0 || bytes[bytes.length - 1] !== NEWLINE) return false;
  const { count: found, hasEmpty, hasControl } = scanLines(bytes);
  return found === count && !hasEmpty && !hasControl;
}
