/**
 * What can happen to a task, and how it stands in the journal.
 *
 * @module
 */

/** Why an attempt failed; each class can have its own retry policy. */
export type FailureClass = "error" | "timeout" | "oom" | "crash" | "lost";

/** Why an attempt failed, as it is kept. */
export interface TaskError {
  /** What went wrong, in words; never empty. */
  readonly message: string;
  /** The name of the error's class, such as `TypeError`. */
  readonly type: string;
  /** What kind of failure it is. */
  readonly class: FailureClass;
  /** The user's own frames of the stack. */
  readonly stack?: string;
  /** What the function returned, when that is how it said that it failed. */
  readonly value?: unknown;
}

/** What every event has. */
export interface EventBase {
  /** The task's number in the list, from 0. */
  readonly id: number;
  /** Which try of the task this was, from 1. */
  readonly attempt: number;
}

/**
 * One thing that happened to a task.
 *
 * A new type also needs a new journal version: older readers stop at a type they do not know.
 */
export type TaskEvent =
  | EventBase & { readonly type: "queued" }
  | EventBase & { readonly type: "started" }
  /** An attempt that failed and is followed by another. */
  | EventBase & { readonly type: "retried"; readonly ms: number; readonly error: TaskError }
  | EventBase & { readonly type: "succeeded"; readonly ms: number; readonly result: unknown }
  | EventBase & { readonly type: "failed"; readonly ms: number; readonly error: TaskError }
  /** The user's wish. */
  | EventBase & { readonly type: "canceled" }
  /** The engine's failure: it is tried again and never counts against the task. */
  | EventBase & { readonly type: "lost"; readonly error: TaskError };

/** The names of what can happen. */
export type EventType = TaskEvent["type"];

/** Whether an event of this type is a task's last. */
export const IS_FINAL: { readonly [T in EventType]: boolean } = {
  queued: false,
  started: false,
  retried: false,
  succeeded: true,
  failed: true,
  canceled: true,
  lost: false,
};

/** An attempt that failed, with the task's line, so that it can be tried again. */
export interface Failure {
  /** What happened. */
  readonly event: Extract<TaskEvent, { type: "failed" | "lost" }>;
  /** The task's line, without its newline. */
  readonly task: Uint8Array;
}

/** What came back from an engine: lines to keep as they are, and the few things to look at. */
export interface EventBatch {
  /** The journal lines of attempts that succeeded. */
  readonly lines: Uint8Array;
  /** What the functions returned, a line each, in the order of `lines`. */
  readonly results: Uint8Array;
  /** How many attempts succeeded. */
  readonly succeeded: number;
  /** The attempts that failed. */
  readonly failures: readonly Failure[];
  /** What tasks wrote, as lines for `logs.ndjson`. */
  readonly logs: readonly LogLine[];
}

/** One piece of text that a task wrote. */
export interface LogLine {
  /** The task that wrote it; -1 where that is not known. */
  readonly id: number;
  /** Which try of the task wrote it, from 1. */
  readonly attempt: number;
  /** Where it was written to. */
  readonly stream: "stdout" | "stderr";
  /** The text, with its newline if it has one. */
  readonly text: string;
}

/**
 * The journal line of a success, without its newline.
 *
 * The common case is the shortest: no type means that it succeeded, no attempt that it was the first,
 * no time that it took less than a tenth of a millisecond. The user's own JSON stands last.
 *
 * @example
 * ```ts
 * import { successLine } from "./event.ts";
 *
 * const line = successLine(3, 2, 1.25, '{"mean":1}');
 * if (line !== '{"id":3,"attempt":2,"ms":1.3,"result":{"mean":1}}') throw new Error(line);
 * ```
 */
export function successLine(
  id: number | string,
  attempt: number,
  ms: number,
  result: string,
): string {
  const tried = attempt > 1 ? `,"attempt":${attempt}` : "";
  const took = ms >= 0.1 ? `,"ms":${Math.round(ms * 10) / 10}` : "";
  return `{"id":${id}${tried}${took},"result":${result}}`;
}

/** The journal line of any other event, without its newline. */
export function eventLine(event: Exclude<TaskEvent, { type: "succeeded" }>): string {
  // In the order of the format; what an event does not have is left out.
  const { id, attempt, type, ms, error } = event as Extract<TaskEvent, { type: "failed" }>;
  return JSON.stringify({ id, attempt, type, ms, error });
}

/**
 * The event of a journal line.
 *
 * @example
 * ```ts
 * import { parseEvent } from "./event.ts";
 *
 * const { type, attempt } = parseEvent('{"id":3,"result":1}');
 * if (type !== "succeeded" || attempt !== 1) throw new Error(type);
 * ```
 */
export function parseEvent(line: string): TaskEvent {
  const event = JSON.parse(line);
  if ("result" in event) return { attempt: 1, type: "succeeded", ms: 0, ...event };
  return event;
}

const ZERO = 48, NINE = 57, COLON = 58, COMMA = 44, DOT = 46, QUOTE = 34, LETTER_R = 114;
const ID_AT = 6, RESULT_KEY = '"result":'.length;

/** The id at the head of a line that starts at an offset. */
export function idAt(bytes: Uint8Array, start: number): number {
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
  for (let keys = 0; keys < 3; keys++) {
    while (bytes[at] !== COMMA && isNumeric(bytes[at])) at++;
    if (bytes[at] !== COMMA || bytes[at + 1] !== QUOTE) return -1;
    if (bytes[at + 2] === LETTER_R) return at + 1 + RESULT_KEY;
    while (bytes[at] !== undefined && bytes[at] !== COLON) at++;
    at++;
  }
  return -1;
}

function isNumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === DOT);
}
