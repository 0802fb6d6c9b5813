/**
 * Numbers in JSON text that `JSON.parse` cannot represent: integers beyond 2^53 and numbers beyond
 * the largest double.
 *
 * @module
 */

import { indexOfText, isSafeInteger, matches, parseJson, toBigInt } from "../util/builtins.ts";
import { parseNumbers } from "./exact_json.ts";
import type { ValueChange, ValuePolicy } from "./policy.ts";

/**
 * Parses the arguments of a task.
 *
 * @param text one line of JSON for which {@linkcode mayHaveBig} returns true
 * @param policy the form of integers beyond 2^53
 * @param onChange called for each number that the function receives with another value
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseArguments(
  text: string,
  { hasBigInts = false }: ValuePolicy,
  onChange: (change: ValueChange, source: string) => void,
): unknown {
  if (!matches(BIG_TOKEN, text)) return parseJson(text);
  return parseNumbers(text, (value, source) => {
    if (value - value !== 0) onChange("infinite", source);
    else if (matches(INTEGER, source) && !isSafeInteger(value)) {
      if (hasBigInts) return toBigInt(source);
      if (toBigInt(value) !== toBigInt(source)) onChange("rounded", source);
    }
    return value;
  });
}

const INTEGER = /^-?\d+$/;

// A number that follows a bracket, a comma, a colon or a blank. Text in quotes can match, too.
const BIG_TOKEN = /(?:^|[\s:,[-])(?:\d{16,}(?![\d.eE])|\d{200}|\d[\d.]*[eE]\+?\d{3})/;

// A run of this many digits may exceed 2^53, and an exponent of this many may exceed 1e308.
const INTEGER_DIGITS = 16, EXPONENT_DIGITS = 3;
// The number of bytes between two attempts to pass over the rest of a long string.
const WINDOW = 512;

/**
 * Returns true when lines of JSON may contain a big number. False is certain; true is not. The test
 * takes a fraction of the time that parsing takes.
 *
 * @param lines the lines
 * @param text the same lines as text
 */
export function mayHaveBig(lines: Uint8Array, text: string): boolean {
  const { length } = lines;
  // In ASCII, the offsets in the text and in the bytes are equal. A search in a text is much faster.
  let quote = text.length === length ? 0 : length;
  for (let at = 0; at < length;) {
    const end = at + WINDOW < length ? at + WINDOW : length;
    if (hasBigRun(lines, at, end)) return true;
    if (quote < end) quote = quoteAfter(text, end);
    // Only a separator precedes the first quote of a string. Any other quote is in a string or ends
    // it, so the bytes before it are text.
    const isText = quote - end > WINDOW && quote < length && !isSeparator(lines[quote - 1]!);
    at = isText ? quote : end;
  }
  return false;
}

function quoteAfter(text: string, at: number): number {
  const quote = indexOfText(text, '"', at);
  return quote < 0 ? text.length : quote;
}

function isSeparator(byte: number): boolean {
  return byte <= SPACE || byte === COMMA || byte === COLON || byte === BRACE || byte === BRACKET;
}

/** Returns true when a part contains many digits, or an exponent with several digits. */
function hasBigRun(lines: Uint8Array, from: number, to: number): boolean {
  // Each run of three digits contains one of the offsets.
  for (let at = from; at < to; at += EXPONENT_DIGITS) {
    if (!isDigit(lines[at]!)) continue;
    let start = at, end = at + 1;
    while (isDigit(lines[start - 1]!)) start--;
    while (isDigit(lines[end]!)) end++;
    if (isBigRun(lines, start, end)) return true;
    at = end;
  }
  return false;
}

function isBigRun(lines: Uint8Array, start: number, end: number): boolean {
  const before = lines[start - 1]!;
  if (end - start >= INTEGER_DIGITS && before !== POINT) return true;
  const mark = before === PLUS ? lines[start - 2]! : before;
  return end - start >= EXPONENT_DIGITS && (mark | LOWER) === LETTER_E;
}

const ZERO = 48, NINE = 57, POINT = 46, PLUS = 43, LETTER_E = 101, LOWER = 32;
const SPACE = 32, COMMA = 44, COLON = 58, BRACE = 123, BRACKET = 91;

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
