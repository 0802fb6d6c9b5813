/**
 * What stands in the bytes of a journal: runs of results, and event lines.
 *
 * @module
 */

import { type BlockHead, blockHead, parseEvent, type TaskEvent } from "./format.ts";

/** Who is told what stands in some bytes of a journal. All offsets are theirs. */
export interface EventScanner {
  /** A run that starts at an offset, with its results from another on. */
  run(head: BlockHead, start: number, results: number, end: number): void;
  /** A success line that starts at an offset, with its result; `end` is that of its newline. */
  success(id: number, start: number, result: number, end: number): void;
  /** Any other line, without its newline. */
  other(start: number, end: number): void;
}

/** Goes through whole events. Nothing is parsed that is only passed on. */
export function scanEvents(bytes: Uint8Array, visitor: EventScanner): void {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const head = runAt(bytes, start, newline);
    const result = head ? -1 : resultAt(bytes, start), next = newline + 1;
    if (head) visitor.run(head, start, next, next + head.bytes);
    else if (result < 0) visitor.other(start, newline);
    else visitor.success(idAt(bytes, start), start, result, newline);
    start = next + (head?.bytes ?? 0);
  }
}

/** Where the first event that is not whole starts: behind it there is no other. */
export function wholeEnd(bytes: Uint8Array): number {
  for (let start = 0;;) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) return start;
    const end = newline + 1 + (runAt(bytes, start, newline)?.bytes ?? 0);
    if (end > bytes.length) return start;
    start = end;
  }
}

/**
 * What is whole of a run that was cut short: its first line for as many results as there are. It is
 * as long as the line that is there, so it can take its place. Nothing where there is no result.
 */
export function repairedHead(bytes: Uint8Array): { head: string; end: number } | undefined {
  const newline = bytes.indexOf(NEWLINE);
  const run = runAt(bytes, 0, newline)!;
  const start = newline + 1, end = bytes.lastIndexOf(NEWLINE) + 1;
  const count = countLines(bytes.subarray(start, end));
  if (count === 0) return undefined;
  const text = blockHead({ ...run, count, bytes: end - start });
  // JSON lets blanks stand before the brace.
  return { head: `${text.slice(0, -2).padEnd(newline - 1)}}\n`, end };
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count++;
  return count;
}

/** Gives each result in some whole events, without a newline, with its task's id. */
export function eachResult(
  bytes: Uint8Array,
  take: (id: number, result: Uint8Array) => void,
): void {
  scanEvents(bytes, {
    run({ id }, _start, results, end) {
      for (let at = results; at < end; id++) {
        const newline = bytes.indexOf(NEWLINE, at);
        take(id, bytes.subarray(at, newline));
        at = newline + 1;
      }
    },
    // The brace that closes the line is not part of it.
    success: (id, _start, result, end) => take(id, bytes.subarray(result, end - 1)),
    other() {},
  });
}

/** The results in some whole events, with their tasks' ids. */
export function parseResults<T>(bytes: Uint8Array): { id: number; result: T }[] {
  const found: { id: number; result: T }[] = [], decoder = new TextDecoder();
  eachResult(
    bytes,
    (id, result) => found.push({ id, result: JSON.parse(decoder.decode(result)) }),
  );
  return found;
}

/**
 * The events that stand in some text of a journal, one for each task of a run. Of how long the tasks
 * of a run took only the sum is known: each gets its part.
 */
export function parseEvents(text: string): TaskEvent[] {
  const bytes = new TextEncoder().encode(text), events: TaskEvent[] = [];
  const decode = (start: number, end: number) =>
    new TextDecoder().decode(bytes.subarray(start, end));
  scanEvents(bytes, {
    run({ id, count, ms = 0 }, _start, results, end) {
      const lines = decode(results, end).split("\n").slice(0, -1);
      for (const [i, line] of lines.entries()) {
        const result = JSON.parse(line);
        events.push({ id: id + i, attempt: 1, type: "succeeded", ms: ms / count, result });
      }
    },
    success: (_id, start, _result, end) => events.push(parseEvent(decode(start, end))),
    other: (start, end) => events.push(parseEvent(decode(start, end))),
  });
  return events;
}

const ZERO = 48, NINE = 57, COLON = 58, COMMA = 44, DOT = 46, QUOTE = 34, NEWLINE = 10;
const LETTER_C = 99, LETTER_R = 114, LETTER_S = 115;
// What may stand before the result: attempt, ms, and room for more.
const MAX_KEYS = 6;
const ID_AT = 6, RESULT_KEY = '"result":'.length;

/** The run whose first line stands between two offsets, if one does. */
function runAt(bytes: Uint8Array, start: number, newline: number): BlockHead | undefined {
  let at = start + ID_AT;
  while (isNumeric(bytes[at])) at++;
  if (bytes[at] !== COMMA || bytes[at + 2] !== LETTER_C) return undefined;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(start, newline)));
}

/** The id at the head of a line that starts at an offset. */
function idAt(bytes: Uint8Array, start: number): number {
  let id = 0;
  for (let i = start + ID_AT;; i++) {
    const byte = bytes[i]!;
    if (!(byte >= ZERO && byte <= NINE)) return id;
    id = id * 10 + byte - ZERO;
  }
}

/**
 * Where the result starts in a success line that starts at an offset, or -1 when the line is
 * another event. The keys before it hold only digits, dots and the letters of their names.
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

/** How long a task took, in milliseconds, from where the result starts in its success line. */
export function msAt(bytes: Uint8Array, result: number): number {
  const end = result - RESULT_KEY - 1;
  let at = end - 1;
  while (isNumeric(bytes[at])) at--;
  // Only the name of the time ends so.
  if (bytes[at - 2] !== LETTER_S) return 0;
  return Number(String.fromCharCode(...bytes.subarray(at + 1, end)));
}

function isNumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === DOT);
}
