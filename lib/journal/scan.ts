/**
 * Finds result blocks and event lines in the bytes of a journal.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../util/bytes/bytes.ts";
import { parseJson } from "../util/parse_json.ts";
import { type BlockHead, parseEvent, parseKnown, successHead, type TaskEvent } from "./format.ts";

/** The callbacks of a scan. All offsets are relative to the scanned bytes. */
export interface EventScanner {
  /** A result block from `start` to `end`, with its first result at `results`. */
  block(head: BlockHead, start: number, results: number, end: number): void;
  /** A success line from `start`, with its result at `result` and its newline at `end`. */
  success(id: number, start: number, result: number, end: number): void;
  /** Any other line from `start`, with its newline at `end`. */
  other(start: number, end: number): void;
}

/** Calls a callback for each result block and each event line. Results are not parsed. */
export function scanEvents(bytes: Uint8Array, scanner: EventScanner): void {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const head = headAt(bytes, start, newline);
    const result = head ? -1 : resultAt(bytes, start), next = newline + 1;
    if (head) scanner.block(head, start, next, next + head.bytes);
    else if (result < 0) scanner.other(start, newline);
    else scanner.success(idAt(bytes, start), start, result, newline);
    start = next + (head?.bytes ?? 0);
  }
}

/**
 * Returns the offset after the last whole event. The remaining bytes are the start of another
 * event.
 */
export function wholeEnd(bytes: Uint8Array): number {
  for (let start = 0;;) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return start;
    const end = newline + 1 + (headAt(bytes, start, newline)?.bytes ?? 0);
    if (end > bytes.length) return start;
    start = end;
  }
}

/**
 * Returns the offset of the line that ends the frame at an offset, or -1 when the bytes end before
 * that line.
 */
export function frameLineAt(bytes: Uint8Array, start: number): number {
  for (let at = start;;) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0) return -1;
    if (bytes[at + 2] === LETTER_F) return at;
    at = newline + 1 + (headAt(bytes, at, newline)?.bytes ?? 0);
  }
}

/** Counts the newlines between two offsets. */
export function countNewlines(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, start); at >= 0 && at < end; count++) {
    at = bytes.indexOf(NEWLINE, at + 1);
  }
  return count;
}

/**
 * Parses the event line between two offsets. Returns `undefined` for an informative event of a type
 * that this version does not know.
 */
export function toEvent(bytes: Uint8Array, start: number, end: number): TaskEvent | undefined {
  return parseKnown(new TextDecoder().decode(bytes.subarray(start, end)));
}

/** Calls a function for each success, with the task's id and its result without a newline. */
export function eachResult(
  bytes: Uint8Array,
  take: (id: number, result: Uint8Array) => void,
): void {
  scanEvents(bytes, {
    block({ id }, _start, results, end) {
      for (let at = results; at < end; id++) {
        const newline = bytes.indexOf(NEWLINE, at);
        take(id, bytes.subarray(at, newline));
        at = newline + 1;
      }
    },
    // The brace that closes the line is not part of the result.
    success: (id, _start, result, end) => take(id, bytes.subarray(result, end - 1)),
    other() {},
  });
}

/** Calls a function for each success, with the task's id and its result as JSON text. */
export function eachResultText(
  bytes: Uint8Array,
  take: (id: number, result: string) => void,
): void {
  const decoder = new TextDecoder();
  const decode = (start: number, end: number) => decoder.decode(bytes.subarray(start, end));
  scanEvents(bytes, {
    // One call decodes many short results.
    block({ id, count }, _start, results, end) {
      const lines = decode(results, end).split("\n");
      for (let i = 0; i < count; i++) take(id + i, lines[i]!);
    },
    success: (id, _start, result, end) => take(id, decode(result, end - 1)),
    other() {},
  });
}

/** Returns the journal line of one result of a result block, with its newline. */
export function resultLine(id: number, result: Uint8Array): Uint8Array {
  return concatBytes([new TextEncoder().encode(successHead(id, 1, 0)), result, LINE_END]);
}

const LINE_END = new TextEncoder().encode("}\n");

/**
 * Parses the results in whole events, and returns them with the ids of their tasks.
 *
 * @param parse parses the JSON text of a result
 */
export function parseResults<T>(
  bytes: Uint8Array,
  parse: (text: string) => unknown,
): { id: number; result: T }[] {
  const found: { id: number; result: T }[] = [], decoder = new TextDecoder();
  eachResult(
    bytes,
    (id, result) => found.push({ id, result: parse(decoder.decode(result)) as T }),
  );
  return found;
}

/**
 * Parses the events in the text of a journal. Returns one event for each task of a result block,
 * with an equal share of the block's total time.
 *
 * @param parse parses the JSON text of a result
 */
export function parseEvents(
  text: string,
  parse: (result: string) => unknown = parseJson,
): TaskEvent[] {
  const bytes = new TextEncoder().encode(text), events: TaskEvent[] = [];
  const decode = (start: number, end: number) =>
    new TextDecoder().decode(bytes.subarray(start, end));
  scanEvents(bytes, {
    block({ id, count, ms = 0 }, _start, results, end) {
      const lines = decode(results, end).split("\n").slice(0, -1);
      for (const [i, line] of lines.entries()) {
        const result = parse(line);
        events.push({ id: id + i, attempt: 1, type: "succeeded", ms: ms / count, result });
      }
    },
    success(_id, start, at, end) {
      const head = parseEvent(decode(start, at) + "null}");
      events.push({ ...head, result: parse(decode(at, end - 1)) } as TaskEvent);
    },
    other(start, end) {
      const event = parseKnown(decode(start, end));
      if (event) events.push(event);
    },
  });
  return events;
}

const ZERO = 48, NINE = 57, COLON = 58, COMMA = 44, DOT = 46, QUOTE = 34;
const LETTER_A = 97, LETTER_C = 99, LETTER_F = 102, LETTER_R = 114, LETTER_S = 115;
// The maximum number of keys after the id that are searched for `result`. The format has at most
// three.
const MAX_KEYS = 6;
const ID_AT = 6, RESULT_KEY = '"result":'.length, ATTEMPT_KEY = ',"attempt":'.length;

/**
 * Parses the first line of a result block between two offsets. Returns `undefined` for other lines.
 */
export function headAt(bytes: Uint8Array, start: number, newline: number): BlockHead | undefined {
  let at = start + ID_AT;
  while (isNumeric(bytes[at])) at++;
  if (bytes[at] !== COMMA || bytes[at + 2] !== LETTER_C) return undefined;
  return parseHead(new TextDecoder().decode(bytes.subarray(start, newline)));
}

// Version 2 padded the heads that it repaired with blanks.
const HEAD = /^\{"id":(\d+),"count":(\d+),"bytes":(\d+)(?:,"ms":([\d.]+))? *\}$/;

function parseHead(line: string): BlockHead | undefined {
  const found = HEAD.exec(line);
  if (!found) return undefined;
  const [, id, count, bytes, ms] = found.map((digits) => digits && Number(digits)) as number[];
  return { id: id!, count: count!, bytes: bytes!, ms };
}

/** Returns the id of the line that starts at an offset. */
export function idAt(bytes: Uint8Array, start: number): number {
  return numberFrom(bytes, start + ID_AT);
}

function numberFrom(bytes: Uint8Array, start: number): number {
  let number = 0;
  for (let i = start;; i++) {
    const byte = bytes[i]!;
    if (!(byte >= ZERO && byte <= NINE)) return number;
    number = number * 10 + byte - ZERO;
  }
}

/**
 * Returns the offset of the result in the success line that starts at `start`, or -1 for any other
 * event. The values before the result consist only of digits and dots.
 */
export function resultAt(bytes: Uint8Array, start: number): number {
  let at = start + ID_AT;
  for (let keys = 0; keys < MAX_KEYS; keys++) {
    while (bytes[at] !== COMMA && isNumeric(bytes[at])) at++;
    if (bytes[at] !== COMMA || bytes[at + 1] !== QUOTE) return -1;
    if (bytes[at + 2] === LETTER_R) return at + 1 + RESULT_KEY;
    while (bytes[at] !== undefined && bytes[at] !== COLON) at++;
    at++;
  }
  return -1;
}

/** Returns the attempt of the success line that starts at an offset: 1 unless the line has one. */
export function attemptAt(bytes: Uint8Array, start: number): number {
  let at = start + ID_AT;
  while (isNumeric(bytes[at])) at++;
  if (bytes[at + 2] !== LETTER_A) return 1;
  return numberFrom(bytes, at + ATTEMPT_KEY);
}

/**
 * Returns the `ms` of the success line whose result starts at an offset, or 0 if the line has no
 * `ms`.
 */
export function msAt(bytes: Uint8Array, result: number): number {
  const end = result - RESULT_KEY - 1;
  let at = end - 1;
  while (isNumeric(bytes[at])) at--;
  // Only the key `ms` ends with this letter.
  if (bytes[at - 2] !== LETTER_S) return 0;
  return Number(String.fromCharCode(...bytes.subarray(at + 1, end)));
}

function isNumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === DOT);
}
