/**
 * Formats the progress of a job as one line.
 *
 * @module
 */

import type { TaskProgress } from "../journal/task_update.ts";
import { counted } from "../util/text/counted.ts";
import { formatDuration } from "../util/time/duration.ts";
import { type Color, paint } from "./ansi.ts";
import { cutText, textWidth } from "./text_width.ts";

/** The numbers of tasks by state. */
export interface Counts {
  /** The number of tasks that have been read from the list. */
  readonly read: number;
  /** The total number of tasks; `undefined` while it is unknown. */
  readonly total?: number | undefined;
  /** The number of tasks that have succeeded. */
  readonly succeeded: number;
  /** The number of tasks that have failed after all attempts. */
  readonly failed: number;
  /** The number of failed attempts that were followed by another attempt. */
  readonly retried: number;
}

/** The work in flight. */
export interface Activity {
  /** The number of running tasks. */
  readonly running: number;
  /** The number of workers that are running tasks. */
  readonly busy: number;
  /** The total number of workers. */
  readonly workers: number;
  /** The number of workers that cannot run tasks yet, for example during `setup`. @default {0} */
  readonly starting?: number | undefined;
  /** The numbers of machines that are connected, and of all. @default {this machine only} */
  readonly hosts?: {
    readonly there: number;
    readonly all: number;
    /** The word for one machine. */
    readonly word: string;
  } | undefined;
}

/** The data that a line of progress shows. */
export interface ProgressView {
  /** The numbers of tasks by state. */
  readonly counts: Counts;
  /** The time since the start of the job, in milliseconds. */
  readonly ms: number;
  /** The number of tasks that end per millisecond. */
  readonly perMs: number;
  /** The work in flight; `undefined` when the engine does not report it. */
  readonly activity?: Activity | undefined;
  /** The progress of running tasks; the task that reported last is the last one. @default {none} */
  readonly tasks?: readonly TaskProgress[] | undefined;
  /** The reason that the job waits, such as `paused`. @default {nothing} */
  readonly note?: string | undefined;
  /** True when no more tasks start. @default {false} */
  readonly isStopping?: boolean | undefined;
}

/**
 * Formats the progress of a job as a line, with the mean rate since the start.
 *
 * @example
 * ```ts
 * import { progressLine } from "./progress_line.ts";
 *
 * const counts = { read: 60, total: 90, succeeded: 29, failed: 1, retried: 0 };
 * const line = progressLine(counts, 60_000);
 * if (line !== "30 of 90 done, 1 failed, 30/min, 2 min 00 s left") throw new Error(line);
 * ```
 *
 * @param ms the time since the start of the job, in milliseconds
 */
export function progressLine(counts: Counts, ms: number): string {
  return plainLine({ counts, ms, perMs: ms > 0 ? doneOf(counts) / ms : 0 });
}

/** Formats the progress as a line without a bar. */
export function plainLine(view: ProgressView): string {
  return partsOf(view).map(({ text }) => text).join(SEPARATOR);
}

/**
 * Formats the progress as JSON, for programs. Times are in milliseconds; unknown values are left
 * out.
 */
export function jsonLine({ counts, ms, perMs, activity, note, tasks = [] }: ProgressView): string {
  const { hosts } = activity ?? {};
  const left = leftOf(counts, perMs);
  return JSON.stringify({
    type: "progress",
    done: doneOf(counts),
    ...counts,
    ...activity,
    hosts: hosts && { there: hosts.there, all: hosts.all },
    perSecond: round(perMs * 1000),
    ms: Math.round(ms),
    left: left && Math.round(left),
    note: note || undefined,
    tasks: tasks.length > 0
      ? tasks.slice(-MOST_TASKS).map(({ id, fraction, text }) => ({ id, fraction, text }))
      : undefined,
  });
}

/**
 * Formats the progress as a line with a bar, in fewer than `columns` columns. If space is short,
 * the least important parts are left out first.
 */
export function movingLine(view: ProgressView, columns: number, hasColor: boolean): string {
  const { counts, ms } = view;
  // A terminal may move to the next line after a character in the last column.
  const room = columns - 1;
  if (columns < NARROW) return cutText(`${doneOf(counts)}/${counts.total ?? "?"}`, room);
  const elapsed = { text: `${formatDuration(ms)} so far`, rank: 8, color: "dim" as const };
  const parts = fitting([...partsOf(view), elapsed], room - (columns < ROOMY ? 0 : LEAST_BAR + 1));
  const text = parts.map(({ text }) => text).join(SEPARATOR);
  const bar = barOf(counts, Math.min(MOST_BAR, room - textWidth(text) - 1));
  if (!hasColor) return cutText((bar && `${bar.done}${bar.rest} `) + text, room);
  const painted = parts.map(({ text, color }) => color ? paint(text, color) : text);
  const paintedBar = bar && `${paint(bar.done, "green")}${paint(bar.rest, "dim")} `;
  return paintedBar + painted.join(SEPARATOR);
}

/** Formats the progress of a task, such as `task 3 at 45 % (reading)`. */
export function taskProgressText(
  { id, fraction, text }: Pick<TaskProgress, "id" | "fraction" | "text">,
): string {
  const words = text ? ` (${text})` : "";
  return `task ${id} at ${Math.floor(fraction * 100)} %${words}`;
}

// The number of running tasks in a line of JSON.
const MOST_TASKS = 100;
const SEPARATOR = ", ";
const NARROW = 30, ROOMY = 60;
const LEAST_BAR = 10, MOST_BAR = 40;

/** A part of the line. */
interface Part {
  /** The text without colours. */
  readonly text: string;
  /**
   * The rank, from 0 for the most important part. Higher ranks are left out first, and rank 0 is
   * always shown.
   */
  readonly rank: number;
  /** The colour of the text. @default {none} */
  readonly color?: Color | undefined;
}

function partsOf(
  { counts, perMs, activity, note = "", tasks = [], isStopping = false }: ProgressView,
): Part[] {
  const { failed, retried, total } = counts;
  const left = isStopping ? undefined : leftOf(counts, perMs);
  const parts: Part[] = [
    { text: `${doneOf(counts)} of ${total ?? "?"} done`, rank: 0 },
    { text: failed > 0 ? `${failed} failed` : "", rank: 1, color: "red" },
    { text: isStopping ? "stopping, Ctrl-C ends it at once" : "", rank: 2, color: "yellow" },
    { text: note, rank: 2, color: "yellow" },
    { text: tasksText(tasks), rank: 6 },
    { text: retried > 0 ? `${retried} tried again` : "", rank: 7 },
    { text: activity ? activityText(activity) : "", rank: 5, color: "cyan" },
    { text: perMs > 0 ? rateText(perMs) : "", rank: 4 },
    { text: left === undefined ? "" : `${formatDuration(left)} left`, rank: 3 },
  ];
  return parts.filter(({ text }) => text !== "");
}

/** Selects the parts that fit, the most important ones first. */
function fitting(parts: readonly Part[], room: number): Part[] {
  const kept = new Set<Part>();
  let rest = room + SEPARATOR.length;
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const width = textWidth(part.text) + SEPARATOR.length;
    if (width > rest && part.rank > 0) continue;
    rest -= width;
    kept.add(part);
  }
  return parts.filter((part) => kept.has(part));
}

function barOf(counts: Counts, columns: number): { done: string; rest: string } | "" {
  const { total = 0 } = counts;
  if (total === 0 || columns < LEAST_BAR) return "";
  const full = Math.floor(columns * Math.min(1, doneOf(counts) / total));
  return { done: "█".repeat(full), rest: "░".repeat(columns - full) };
}

function activityText({ running, busy, workers, starting = 0, hosts }: Activity): string {
  const machines = hosts ? ` on ${hosts.there} of ${counted(hosts.all, hosts.word)}` : "";
  const started = `${running} running on ${busy} of ${workers} workers${machines}`;
  return starting > 0 ? `${started}, ${starting} starting` : started;
}

/** Formats the progress of the task that reported last. */
function tasksText(tasks: readonly TaskProgress[]): string {
  const last = tasks.at(-1), others = tasks.length - 1;
  if (!last) return "";
  const text = cutText(taskProgressText(last), MOST_TEXT);
  return others > 0 ? `${text} and ${others} more` : text;
}

const MOST_TEXT = 50;

function doneOf({ succeeded, failed }: Counts): number {
  return succeeded + failed;
}

/** Estimates the time until the end, in milliseconds; `undefined` while it is unknown. */
function leftOf(counts: Counts, perMs: number): number | undefined {
  const rest = (counts.total ?? 0) - doneOf(counts);
  return rest > 0 && perMs > 0 ? rest / perMs : undefined;
}

const RATES = [["s", 1000], ["min", 60_000], ["h", 3_600_000], ["day", 86_400_000]] as const;

/**
 * Formats the rate in the shortest unit of time in which at least one task ends, to avoid `0/s`.
 */
function rateText(perMs: number): string {
  const found = RATES.find(([, ms]) => perMs * ms >= 1);
  return found ? `${Math.round(perMs * found[1])}/${found[0]}` : "";
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
