/**
 * Updates of running tasks: their checkpoints and their progress. In a journal, an update is an
 * informative line, which older versions pass over.
 *
 * @module
 */

import { sliceText, toJsonText } from "../util/builtins.ts";

/** A running attempt of a task. */
interface RunningAttempt {
  /** The task's position in the list, from 0. */
  readonly id: number;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
}

/** A value from which a later attempt of the task can continue. */
export interface Checkpoint extends RunningAttempt {
  readonly type: "checkpoint";
  /** The value as JSON text. */
  readonly value: string;
}

/** The part of a task that is done. */
export interface TaskProgress extends RunningAttempt {
  readonly type: "progress";
  /** The part, from 0 to 1. */
  readonly fraction: number;
  /** The text of the user. @default {none} */
  readonly text?: string | undefined;
}

/** An update of a running task. */
export type TaskUpdate = Checkpoint | TaskProgress;

/** Returns the line of an update, without its newline. */
export function updateLine(update: TaskUpdate): string {
  const { id, attempt, type } = update, head = { __proto__: null, id, attempt, type, info: true };
  // The value is text already, with the digits of its numbers.
  if (type === "checkpoint") {
    return `${sliceText(toJsonText(head), 0, -1)},"value":${update.value}}`;
  }
  return toJsonText({ ...head, __proto__: null, fraction: update.fraction, text: update.text });
}

const CHECKPOINT =
  /^\{"id":(\d{1,15}),"attempt":(\d{1,15}),"type":"checkpoint","info":true,"value":(.*)\}\n?$/s;
const PROGRESS = /^\{"id":\d{1,15},"attempt":\d{1,15},"type":"progress","info":true,/;

/**
 * Parses the line of an update.
 *
 * @returns `undefined` for any other line.
 */
export function parseUpdate(line: string): TaskUpdate | undefined {
  const found = CHECKPOINT.exec(line);
  if (!found) return PROGRESS.test(line) ? parseProgress(line) : undefined;
  const [, id, attempt, value] = found as string[];
  if (tryParse(value!) === undefined) return undefined;
  return { id: Number(id), attempt: Number(attempt), type: "checkpoint", value: value! };
}

function parseProgress(line: string): TaskProgress | undefined {
  const { id, attempt, fraction, text } = Object(tryParse(line));
  const isSound = typeof fraction === "number" && (text === undefined || typeof text === "string");
  return isSound ? { id, attempt, type: "progress", fraction, text } : undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
