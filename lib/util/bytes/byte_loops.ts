/**
 * The functions of `byte_scan.wat` as plain loops, for a runtime that may not compile (`--jitless`).
 *
 * @module
 */

/** The functions of the program. Each reads the bytes in its memory from {@linkcode DATA} to `end`. */
export interface ByteProgram {
  /** Returns the CRC-32 of the bytes, continued from a complemented sum, as its complement. */
  crc32(sum: number, end: number): number;
  /** Returns the number of newlines, with the flags {@linkcode PADDED} and those after it. */
  lines(end: number): number;
  /** Returns the offset after a newline; the number of missing newlines, negative, without it. */
  lineEnd(end: number, number: number): number;
  /**
   * Returns 1 for 16 digits in a row without a dot before them, exponents of 3 digits, and 19 digits
   * with dots after the first one that is not 0; also for 64 digits and dots.
   */
  bigNumbers(end: number): number;
}

/** The offset of the bytes in the memory of the program. */
export const DATA = 16448;
/** The bits that contain the number of newlines. */
export const COUNT = 0xffffff;
/** The flag of lines that are empty, or begin or end with a byte up to a blank. */
export const PADDED: number = 1 << 24;
/** The flag of an empty line. */
export const EMPTY: number = 1 << 25;
/** The flag of a control character that is not a tab, CR or LF. */
export const CONTROL: number = 1 << 26;

const TAB = 9,
  NEWLINE = 10,
  RETURN = 13,
  BLANK = 32,
  PLUS = 43,
  MINUS = 45,
  DOT = 46,
  ZERO = 48,
  LETTER_E = 101;
const POLYNOMIAL = 0xedb88320, INTEGER_DIGITS = 16, EXPONENT_DIGITS = 3;
const DIGITS = 19, MOST = 64;

/** Returns the functions for a memory. */
export function byteLoops(memory: Uint8Array): ByteProgram {
  return {
    crc32(sum, end) {
      let next = sum;
      for (let at = DATA; at < end; at++) {
        next ^= memory[at]!;
        for (let bit = 0; bit < 8; bit++) next = next & 1 ? next >>> 1 ^ POLYNOMIAL : next >>> 1;
      }
      return next;
    },
    lines(end) {
      let count = 0, flags = 0;
      for (let at = DATA; at < end; at++) {
        if (memory[at] === NEWLINE) count++;
        flags |= flagsOf(memory[at - 1]!, memory[at]!);
      }
      return count | flags;
    },
    lineEnd(end, number) {
      let missing = number;
      for (let at = DATA; at < end; at++) {
        if (memory[at] === NEWLINE && --missing === 0) return at + 1;
      }
      return -missing;
    },
    bigNumbers(end) {
      for (let at = DATA, run = 0, length = 0, digits = 0; at < end; at++) {
        const byte = memory[at]!, hasDigit = isDigit(byte);
        run = hasDigit ? run + 1 : 0;
        length = hasDigit || byte === DOT ? length + 1 : 0;
        if (length === 0) digits = 0;
        else if (hasDigit && (digits > 0 || byte !== ZERO)) digits++;
        if (length === MOST || digits === DIGITS && length > DIGITS) return 1;
        if (run > 0 && isBig(memory, at, run)) return 1;
      }
      return 0;
    },
  };
}

/** Returns the flags of two bytes that follow each other. */
function flagsOf(before: number, byte: number): number {
  const isStart = before === NEWLINE, isEnd = byte === NEWLINE;
  let flags = (isStart && byte <= BLANK) || (isEnd && before <= BLANK) ? PADDED : 0;
  if (isStart && isEnd) flags |= EMPTY;
  if (byte < BLANK && byte !== TAB && byte !== RETURN && !isEnd) flags |= CONTROL;
  return flags;
}

/** Returns true when the number of digits that end at an offset may be a part of a big number. */
function isBig(memory: Uint8Array, at: number, digits: number): boolean {
  const before = memory[at - digits]!;
  if (digits >= INTEGER_DIGITS) return before !== DOT;
  const mark = before === PLUS || before === MINUS ? memory[at - digits - 1]! : before;
  return digits === EXPONENT_DIGITS && (mark | BLANK) === LETTER_E;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}
