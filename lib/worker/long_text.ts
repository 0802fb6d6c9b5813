/**
 * Texts that may be longer than one message should be: results, and what tasks print.
 *
 * @module
 */

import { charCode, encodeText, round, sliceText } from "../util/builtins.ts";

// Characters. The controller reads, logs and shows one piece at a time.
const PIECE = 1024 * 1024;
const MEGABYTE = 1e6, MOST_BYTES = 3;

/**
 * Returns the error of a result that exceeds a limit; undefined when it does not.
 *
 * @param text the JSON text of the result
 * @param most the limit in bytes. @default {no limit}
 */
export function tooLong(text: string, most = Infinity): RangeError | undefined {
  // A character has at most three bytes, so the bytes of most texts need no count.
  if (MOST_BYTES * text.length <= most) return undefined;
  const bytes = encodeText(text).length;
  return bytes > most ? limitError(`a result of ${megabytes(bytes)}`, most) : undefined;
}

/**
 * Returns the error of a result whose JSON text is longer than any text can be, with the advice that
 * the runtime does not give. Returns any other error unchanged.
 *
 * @param most the limit in bytes. @default {that of the runtime}
 */
export function withAdvice(error: unknown, most = 2 ** 29): unknown {
  const { message } = error as Error;
  const isOurs = error instanceof RangeError && message === "Invalid string length";
  return isOurs ? limitError("a result of more than 536 MB", most) : error;
}

function limitError(what: string, most: number): RangeError {
  return new RangeError(
    `Cannot return ${what}: max_result is ${megabytes(most)}, write it to a file in ctx.dir and ` +
      "return its path",
  );
}

/** Returns the text of a size, such as `1.5 MB`. */
export function megabytes(bytes: number): string {
  return `${round(bytes / MEGABYTE * 10) / 10} MB`;
}

/** Calls a function with the pieces of a text. No piece ends within a character. */
export function eachPiece(text: string, take: (piece: string) => void): void {
  if (text.length <= PIECE) return take(text);
  for (let start = 0, end; start < text.length; start = end) {
    end = start + PIECE;
    if (isHighSurrogate(charCode(text, end - 1))) end--;
    take(sliceText(text, start, end));
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
