/**
 * Updates of running tasks: their checkpoints, their progress and their usage. In a journal, an update is an
 * informative line, which older versions pass over.
 *
 * @module
 */

import { sliceText, toJsonText } from "../util/builtins.ts";
import { tryJson } from "../util/try_json.ts";

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

/** The memory and the CPU time of an attempt that has just ended. */
export interface TaskUsage extends RunningAttempt {
  readonly type: "usage";
  /** The largest memory of the worker's processes while the task ran, in bytes. */
  readonly memory: number;
  /** The largest memory of the processes that the worker had started, in bytes. @default {0} */
  readonly children?: number | undefined;
  /** The CPU time of the worker's processes, in milliseconds. @default {unknown} */
  readonly cpu?: number | undefined;
  /** True when the worker ran other tasks at the same time, which the numbers include. */
  readonly shared?: boolean | undefined;
}

/** An update of a running task. */
export type TaskUpdate = Checkpoint | TaskProgress | TaskUsage;

/** Returns the line of an update, without its newline. */
export function updateLine(update: TaskUpdate): string {
  const { id, attempt, type } = update, head = { __proto__: null, id, attempt, type, info: true };
  // The value is text already, with the digits of its numbers.
  if (type === "checkpoint") {
    return `${sliceText(toJsonText(head), 0, -1)},"value":${update.value}}`;
  }
  const { id: _, attempt: __, type: ___, ...facts } = update;
  return toJsonText({ ...head, __proto__: null, ...facts });
}

const CHECKPOINT =
  /^\{"id":(\d{1,15}),"attempt":(\d{1,15}),"type":"checkpoint","info":true,"value":(.*)\}\n?$/s;
const OTHER = /^\{"id":\d{1,15},"attempt":\d{1,15},"type":"(progress|usage)","info":true,/;

/**
 * Parses the line of an update.
 *
 * @returns `undefined` for any other line.
 */
export function parseUpdate(line: string): TaskUpdate | undefined {
  const found = CHECKPOINT.exec(line);
  if (!found) return parseOther(line, OTHER.exec(line)?.[1]);
  const [, id, attempt, value] = found as string[];
  if (tryJson(value!) === undefined) return undefined;
  return { id: Number(id), attempt: Number(attempt), type: "checkpoint", value: value! };
}

function parseOther(line: string, type: string | undefined): TaskUpdate | undefined {
  if (type === "progress") return parseProgress(line);
  return type === "usage" ? parseUsage(line) : undefined;
}

function parseUsage(line: string): TaskUsage | undefined {
  const { id, attempt, memory, children, cpu, shared } = Object(tryJson(line));
  const isSound = [memory, children ?? 0, cpu ?? 0].every((value) => Number.isFinite(value));
  const flag = shared === true ? true : undefined;
  return isSound ? { id, attempt, type: "usage", memory, children, cpu, shared: flag } : undefined;
}

function parseProgress(line: string): TaskProgress | undefined {
  const { id, attempt, fraction, text } = Object(tryJson(line));
  const isSound = typeof fraction === "number" && (text === undefined || typeof text === "string");
  return isSound ? { id, attempt, type: "progress", fraction, text } : undefined;
}
