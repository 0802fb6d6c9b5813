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

/** An attempt that failed, with the task's arguments, so that it can be tried again. */
export interface Failure {
  /** What happened. */
  readonly event: Extract<TaskEvent, { type: "failed" | "lost" }>;
  /** The task's arguments. */
  readonly args: Uint8Array;
}

/**
 * What came back from an engine: lines to keep as they are, and the few things to look at. Its memory
 * is used again when the next one is asked for.
 */
export interface EventBatch {
  /** What the journal keeps of the attempts that succeeded: runs, and lines. */
  readonly lines: Uint8Array;
  /** What the functions returned, a line each, in the order of `lines`. */
  readonly results: Uint8Array;
  /** How many attempts succeeded. */
  readonly succeeded: number;
  /** The attempts that failed. */
  readonly failures: readonly Failure[];
  /** What tasks wrote, as lines for `logs.ndjson`. */
  readonly logs: readonly LogLine[];
  /** What a worker was busy with, as a line for `spans.ndjson`. */
  readonly span?: Span;
}

const NONE = new Uint8Array(0);

/** A batch in which nothing has happened yet. */
export const NO_EVENTS: EventBatch = {
  lines: NONE,
  results: NONE,
  succeeded: 0,
  failures: [],
  logs: [],
};

/** A time in which a worker was busy without a break. Times are milliseconds since 1970. */
export interface Span {
  /** Which worker it was; two that worked at the same time have different names. */
  readonly worker: string;
  readonly from: number;
  readonly to: number;
  /** The task that it answered first. */
  readonly id: number;
  /** How many tasks it answered. */
  readonly count: number;
  /** How many of the answers were failures, if any. */
  readonly failed?: number;
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
 * import { successLine } from "./format.ts";
 *
 * const line = successLine(3, 2, 1.25, '{"mean":1}');
 * if (line !== '{"id":3,"attempt":2,"ms":1.3,"result":{"mean":1}}') throw new Error(line);
 * ```
 */
export function successLine(
  id: number,
  attempt: number,
  ms: number,
  result: string,
): string {
  return `${successHead(id, attempt, ms)}${result}}`;
}

/** What stands before the result in the journal line of a success. */
export function successHead(id: number, attempt: number, ms: number): string {
  const tried = attempt > 1 ? `,"attempt":${attempt}` : "";
  const took = ms >= 0.1 ? `,"ms":${Math.round(ms * 10) / 10}` : "";
  return `{"id":${id}${tried}${took},"result":`;
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
 * import { parseEvent } from "./format.ts";
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

/**
 * The first line of a run: tasks that follow each other in the list, and succeeded one after the
 * other at the first attempt. Their results stand behind it, a line each.
 *
 * A journal is mostly runs: what a task costs in it is its result.
 */
export interface BlockHead {
  /** The first task's number in the list. */
  readonly id: number;
  /** How many tasks there are. */
  readonly count: number;
  /** How long the results are, with their newlines. */
  readonly bytes: number;
  /** How long the tasks took together, in milliseconds. @default {0} */
  readonly ms?: number;
}

/**
 * The text of a run's first line, with its newline.
 *
 * @example
 * ```ts
 * import { blockHead } from "./format.ts";
 *
 * const text = blockHead({ id: 3, count: 2, bytes: 4 }) + "1\n2\n";
 * if (text !== '{"id":3,"count":2,"bytes":4}\n1\n2\n') throw new Error(text);
 * ```
 */
export function blockHead({ id, count, bytes, ms = 0 }: BlockHead): string {
  return `{"id":${id},"count":${count},"bytes":${bytes}${ms > 0 ? `,"ms":${ms}` : ""}}\n`;
}

/** The version of the journal's format; older readers refuse a newer one. */
export const JOURNAL_VERSION = 2;

/** The first line of a journal. */
export interface JournalHeader {
  readonly journal: typeof JOURNAL_VERSION;
  /** The job's id. */
  readonly job: string;
}

/** The last event of a task that failed. */
export type FailedEvent = Extract<TaskEvent, { type: "failed" }>;
