/**
 * The checks of what a worker reports in JSON: failures, updates, log lines, and messages about
 * itself.
 *
 * @module
 */

import type { FailedAttempt, FailureClass, LogLine, TaskError } from "../../journal/format.ts";
import { parseLine } from "../../journal/parse_line.ts";
import { parseUpdate, type TaskUpdate } from "../../journal/task_update.ts";
import { isDict } from "../../util/is_dict.ts";
import { ProtocolError } from "../../worker/frame.ts";
import type { WorkerMessage } from "../../worker/protocol.ts";

/** A valid line of a worker. */
export type CheckedLine =
  | { readonly kind: "failure"; readonly event: FailedAttempt["event"] }
  | { readonly kind: "log"; readonly log: LogLine }
  | { readonly kind: "update"; readonly update: TaskUpdate }
  | { readonly kind: "message"; readonly message: WorkerMessage };

const CLASSES: ReadonlySet<unknown> = new Set<FailureClass>(
  ["error", "timeout", "oom", "crash", "lost", "limited", "invalid"],
);

/** The check of each message, by the key that names it. */
const MESSAGES: { [M in WorkerMessage as keyof M]: (value: unknown) => boolean } = {
  idle: isCount,
  loaded: isLoaded,
  broken: isTaskError,
  damaged: (value) => typeof value === "string",
};

/**
 * Parses a line and checks its shape.
 *
 * @throws {ProtocolError} when a worker never sends such a line.
 */
export function checkedLine(text: string): CheckedLine {
  // The JSON of a checkpoint can be long, and is parsed only once.
  const update = parseUpdate(text);
  // The controller measures the usage itself.
  if (update && update.type !== "usage") return { kind: "update", update };
  const line = tryParse(text);
  if (isFailure(line)) return { kind: "failure", event: line };
  if (isLog(line)) return { kind: "log", log: { ...line, time: Date.now() } };
  if (isMessage(line)) return { kind: "message", message: line };
  throw new ProtocolError(`it sent the unknown line ${JSON.stringify(text.slice(0, 80))}`);
}

function tryParse(text: string): Record<string, unknown> {
  try {
    const value = parseLine(text);
    return isDict(value) ? value : {};
  } catch {
    return {};
  }
}

function isFailure(line: object): line is FailedAttempt["event"] {
  const { id, attempt, type, ms, error } = line as Record<string, unknown>;
  return isCount(id) && isCount(attempt) && type === "failed" && isTime(ms) && isTaskError(error);
}

function isLog(line: object): line is LogLine {
  const { id, attempt, stream, text, note, fields } = line as Record<string, unknown>;
  return (id === -1 || isCount(id)) && isCount(attempt) && typeof text === "string" &&
    STREAMS.has(stream) && (note === undefined || isNote(note)) &&
    (fields === undefined || isDict(fields));
}

const STREAMS: ReadonlySet<unknown> = new Set<LogLine["stream"]>(["stdout", "stderr", "log"]);

function isNote(note: unknown): boolean {
  const { kind, count } = (note ?? {}) as Record<string, unknown>;
  return typeof kind === "string" && isCount(count);
}

function isMessage(line: object): line is WorkerMessage {
  const [[key = "", value] = [], ...others] = Object.entries(line);
  const check = Object.hasOwn(MESSAGES, key) && MESSAGES[key as keyof typeof MESSAGES];
  return others.length === 0 && check !== false && check(value);
}

function isLoaded(value: unknown): boolean {
  const { grace, setupMs, parameter = "" } = (value ?? {}) as Record<string, unknown>;
  return typeof grace === "boolean" && isTime(setupMs) && typeof parameter === "string";
}

function isTaskError(error: unknown): error is TaskError {
  const { message, type, class: kind, stack = "", waitMs = 0 } = (error ?? {}) as Record<
    string,
    unknown
  >;
  return typeof message === "string" && typeof type === "string" && CLASSES.has(kind) &&
    typeof stack === "string" && isTime(waitMs);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
