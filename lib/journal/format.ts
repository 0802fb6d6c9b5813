/**
 * The events of a task, and their lines in the journal.
 *
 * The journal is a file of JSON lines. See ARCHITECTURE.md, section On disk.
 *
 * @see https://jsonlines.org
 *
 * @module
 */

import { round, toJsonText } from "../util/builtins.ts";
import type { ValueNote } from "../values/policy.ts";
import { parseLine } from "./parse_line.ts";
import type { TaskUpdate } from "./task_update.ts";

/** The kind of a failure. Each kind has its own retry policy. */
export type FailureClass = "error" | "timeout" | "oom" | "crash" | "lost" | "limited" | "invalid";

/** The reason for a failed attempt, in the form that the journal stores. */
export interface TaskError {
  /** The message of the error; never empty. */
  readonly message: string;
  /** The name of the error's class, such as `TypeError`. */
  readonly type: string;
  /** The kind of the failure. */
  readonly class: FailureClass;
  /** The stack frames of the user's code. */
  readonly stack?: string | undefined;
  /**
   * The time that a service has named until the task may run again, in milliseconds, for the class
   * `limited`.
   */
  readonly waitMs?: number | undefined;
  /**
   * The returned value, if the function returned its error instead of throwing it; otherwise the
   * fields of the error, such as `code` and `status`, as far as they are short.
   */
  readonly value?: unknown;
}

/** The reason why a function cannot be called. */
export interface LoadError extends TaskError {
  /** `setup` when the module was loaded and its function `setup` failed. @default {the import} */
  readonly during?: "setup" | undefined;
}

/** The fields of every event. */
export interface EventBase {
  /** The task's position in the list, from 0. */
  readonly id: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
}

/**
 * An event of a task.
 *
 * Adding a type requires a new {@linkcode JOURNAL_VERSION}, because older versions cannot read
 * unknown types. A line with `"info":true` and any other type is informative: it does not change
 * the state of a task, and readers pass over the types that they do not know.
 */
export type TaskEvent =
  /** A failed task that the user wants to run again. */
  | EventBase & { readonly type: "queued" }
  /** A failed attempt that is followed by another attempt. */
  | EventBase & {
    readonly type: "retried";
    readonly ms: number;
    readonly error: TaskError;
    /** The time of the record, in milliseconds since 1970; absent in old journals. */
    readonly at?: number | undefined;
    /** The place of the task in the file of its list, such as `cities.csv:10`. @default {unknown} */
    readonly place?: string | undefined;
    /** The machine that ran the attempt. @default {this machine, or unknown} */
    readonly host?: string | undefined;
  }
  | EventBase & { readonly type: "succeeded"; readonly ms: number; readonly result: unknown }
  | EventBase & {
    readonly type: "failed";
    readonly ms: number;
    readonly error: TaskError;
    readonly at?: number | undefined;
    readonly place?: string | undefined;
    readonly host?: string | undefined;
  }
  /** A failure of the engine. The attempt is repeated with the same number. */
  | EventBase & {
    readonly type: "lost";
    readonly error: TaskError;
    readonly place?: string | undefined;
    readonly host?: string | undefined;
  };

/** The last event of a task that failed. */
export type FailedEvent = Extract<TaskEvent, { type: "failed" }>;

/** A failed attempt, with the arguments that another attempt needs. */
export interface FailedAttempt {
  /** The failure as an event. */
  readonly event: Extract<TaskEvent, { type: "failed" | "lost" }>;
  /** The task's arguments as JSON text, without a newline. */
  readonly args: Uint8Array;
  /** The last checkpoint of the task, as JSON text. @default {none} */
  readonly checkpoint?: Uint8Array | undefined;
}

/**
 * Creates the failure of an attempt: a `lost` event if the engine caused the failure, otherwise a
 * `failed` event.
 *
 * @param task the attempt that ended
 * @param ms the duration of the attempt, in milliseconds; ignored for a `lost` event
 */
export function attemptFailed(
  { id, attempt, args, checkpoint }: EventBase & Pick<FailedAttempt, "args" | "checkpoint">,
  error: TaskError,
  ms = 0,
): FailedAttempt {
  return error.class === "lost"
    ? { event: { id, attempt, type: "lost", error }, args, checkpoint }
    : { event: { id, attempt, type: "failed", ms, error }, args, checkpoint };
}

/**
 * A batch of events from an engine: lines that are appended to the journal unchanged, and the few
 * events that the controller inspects. The memory is valid until the next batch is requested.
 */
export interface EventBatch {
  /** The successes in the format of the journal: result blocks and lines. */
  readonly lines: Uint8Array;
  /** The results, one per line, in the order of `lines`. */
  readonly results: Uint8Array;
  /** The number of attempts that succeeded. */
  readonly succeeded: number;
  /** The attempts that failed. */
  readonly failures: readonly FailedAttempt[];
  /** The output of tasks, as lines for `logs.ndjson`. */
  readonly logs: readonly LogLine[];
  /** The checkpoints and the progress of running tasks, before the other events. @default {none} */
  readonly updates?: readonly TaskUpdate[] | undefined;
  /** The period in which a worker was busy, as a line for `spans.ndjson`. */
  readonly span?: Span | undefined;
}

const NONE = new Uint8Array(0);

/** An empty batch. */
export const NO_EVENTS: EventBatch = {
  lines: NONE,
  results: NONE,
  succeeded: 0,
  failures: [],
  logs: [],
};

/** A period in which a worker was continuously busy. Times are in milliseconds since 1970. */
export interface Span {
  /** The worker's name; workers that run at the same time have different names. */
  readonly worker: string;
  /** The start. */
  readonly from: number;
  /** The end. */
  readonly to: number;
  /** The id of the first task that ended in the period. */
  readonly id: number;
  /** The number of tasks that ended in the period. */
  readonly count: number;
  /** The number of these tasks that failed. @default {0} */
  readonly failed?: number | undefined;
  /** The time of `setup` in milliseconds, in the first period of a worker that called it. */
  readonly setupMs?: number | undefined;
}

/** A piece of text that a task wrote, or a line of `ctx.log`. */
export interface LogLine {
  /** The id of the task that wrote the text; -1 if the task is unknown. */
  readonly id: number;
  /** The number of the attempt that wrote the text, from 1. */
  readonly attempt: number;
  /** The stream that the text was written to, or `log` for a line of `ctx.log`. */
  readonly stream: "stdout" | "stderr" | "log";
  /** The text, with its newline if it has one. */
  readonly text: string;
  /**
   * The time when the worker's machine received the text, in milliseconds since 1970.
   * @default {unknown: the line is from an earlier version}
   */
  readonly time?: number | undefined;
  /** The fields that `ctx.log` received with the text. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  /** Values that changed. Such a line is not output; its text is the path of the first value. */
  readonly note?: ValueNote | undefined;
}

/**
 * Returns the journal line of a success, without its newline.
 *
 * The most common case has the shortest line. A line without `type` is a success, and a line
 * without `attempt` is a first attempt. A line has no `ms` if the task took less than 0.1 ms, or
 * less than 1 ms when the worker measured whole milliseconds. The time is also missing if the task
 * was in a result block that was split. The user's own JSON is the last value.
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

/** Returns the part of a success line before its result. */
export function successHead(id: number, attempt: number, ms: number): string {
  const tried = attempt > 1 ? `,"attempt":${attempt}` : "";
  const took = ms >= 0.1 ? `,"ms":${round(ms * 10) / 10}` : "";
  return `{"id":${id}${tried}${took},"result":`;
}

/** Returns the journal line of any other event, without its newline. */
export function eventLine(event: Exclude<TaskEvent, { type: "succeeded" }>): string {
  // The keys are in the order of the format; undefined values are left out.
  const { id, attempt, type, ms, error, at, place, host } = event as FailedEvent;
  // Without a prototype, the objects have no toJSON() that user code may add to Object.prototype.
  const stored = error && { __proto__: null, ...error };
  return toJsonText({ __proto__: null, id, attempt, type, ms, error: stored, at, place, host });
}

/**
 * Parses the event of a journal line.
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
  const event = parseLine(line) as Record<string, unknown>;
  const known = "result" in event ? { attempt: 1, type: "succeeded", ms: 0, ...event } : event;
  return known as unknown as TaskEvent;
}

const TYPES: ReadonlySet<unknown> = new Set<TaskEvent["type"]>(
  ["queued", "retried", "succeeded", "failed", "lost"],
);

/**
 * Parses the event of a journal line. Returns `undefined` for an informative event of a type that
 * this version does not know.
 *
 * @throws {Error} when the type is unknown and the event is not informative.
 */
export function parseKnown(line: string): TaskEvent | undefined {
  const event = parseEvent(line);
  if (TYPES.has(event.type)) return event;
  if ((event as { info?: unknown }).info === true) return undefined;
  throw new Error(
    `Cannot read an event of the type "${event.type}": this version does not know it, ` +
      "use a newer version of dl_jobs",
  );
}

/**
 * The first line of a result block. The tasks of a block are consecutive in the list, and succeeded
 * in that order on the first attempt. Their results follow this line, one per line.
 *
 * Most successes are stored in result blocks, which are only slightly larger than the results.
 */
export interface BlockHead {
  /** The first task's position in the list, from 0. */
  readonly id: number;
  /** The number of tasks. */
  readonly count: number;
  /** The length of the results with their newlines, in bytes. */
  readonly bytes: number;
  /** The total time of the tasks, in whole milliseconds. @default {0} */
  readonly ms?: number | undefined;
}

/**
 * Returns the first line of a result block, with its newline.
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

/** The version of the journal's format. Readers reject newer versions. */
export const JOURNAL_VERSION = 3;
/** The version without frames. Readers accept it, and the next writer converts the file. */
export const LEGACY_VERSION = 2;

/** The first line of a journal. */
export interface JournalHeader {
  /** The version of the format. */
  readonly journal: typeof JOURNAL_VERSION | typeof LEGACY_VERSION;
  /** The job's id. */
  readonly job: string;
}
