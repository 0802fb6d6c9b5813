/**
 * How far a job is, in one line.
 *
 * @module
 */

import { formatDuration } from "../util/duration.ts";
import { type Color, paint } from "./ansi.ts";
import { cutText, textWidth } from "./text_width.ts";

/** How many tasks are where. */
export interface Counts {
  /** How many have been read of the list. */
  readonly read: number;
  /** How many there are, when that is known. */
  readonly total?: number;
  /** How many have succeeded. */
  readonly succeeded: number;
  /** How many have failed for good. */
  readonly failed: number;
  /** How many attempts were followed by another. */
  readonly retried: number;
}

/** What is under way. */
export interface Activity {
  /** How many tasks run. */
  readonly running: number;
  /** How many workers are busy with them. */
  readonly busy: number;
  /** How many there can be. */
  readonly workers: number;
}

/** What is known of a job while it runs. */
export interface View {
  readonly counts: Counts;
  /** How long it has been going on, in milliseconds. */
  readonly ms: number;
  /** How many tasks end in a millisecond. */
  readonly perMs: number;
  /** What is under way, where that is known. */
  readonly activity?: Activity | undefined;
  /** Whether nothing more is started. @default {false} */
  readonly isStopping?: boolean;
}

/**
 * One line that says how far a job is.
 *
 * @example
 * ```ts
 * import { progressLine } from "./progress_line.ts";
 *
 * const counts = { read: 60, total: 90, succeeded: 29, failed: 1, retried: 0 };
 * const line = progressLine(counts, 60_000);
 * if (line !== "30 of 90 done, 1 failed, 30/min, 2 min 00 s left") throw new Error(line);
 * ```
 */
export function progressLine(counts: Counts, ms: number): string {
  return plainLine({ counts, ms, perMs: ms > 0 ? doneOf(counts) / ms : 0 });
}

/** All that is known, as a line. */
export function plainLine(view: View): string {
  return partsOf(view).map(({ text }) => text).join(SEPARATOR);
}

/** The same for a program, in milliseconds; what is not known is not there. */
export function jsonLine({ counts, ms, perMs, activity }: View): string {
  const left = leftOf(counts, perMs);
  return JSON.stringify({
    type: "progress",
    done: doneOf(counts),
    ...counts,
    ...activity,
    perSecond: round(perMs * 1000),
    ms: Math.round(ms),
    ...(left === undefined ? {} : { left: Math.round(left) }),
  });
}

/**
 * The same in at most that many columns, with a bar: of what there is no room for, the least
 * important goes first.
 */
export function movingLine(view: View, columns: number, hasColor: boolean): string {
  const { counts, ms } = view;
  // Behind the last column a terminal goes on to the next line.
  const room = columns - 1;
  if (columns < NARROW) return cutText(`${doneOf(counts)}/${counts.total ?? "?"}`, room);
  const elapsed = { text: `${formatDuration(ms)} so far`, rank: 7, color: "dim" as const };
  const parts = fitting([...partsOf(view), elapsed], room - (columns < ROOMY ? 0 : LEAST_BAR + 1));
  const text = parts.map(({ text }) => text).join(SEPARATOR);
  const bar = barOf(counts, Math.min(MOST_BAR, room - textWidth(text) - 1));
  if (!hasColor) return cutText((bar && `${bar.done}${bar.rest} `) + text, room);
  const painted = parts.map(({ text, color }) => color ? paint(text, color) : text);
  const paintedBar = bar && `${paint(bar.done, "green")}${paint(bar.rest, "dim")} `;
  return paintedBar + painted.join(SEPARATOR);
}

const SEPARATOR = ", ";
const NARROW = 30, ROOMY = 60;
const LEAST_BAR = 10, MOST_BAR = 40;

/** Something to say, and how early there must be room for it. */
interface Part {
  readonly text: string;
  /** 0 is said first. */
  readonly rank: number;
  readonly color?: Color;
}

function partsOf({ counts, perMs, activity, isStopping = false }: View): Part[] {
  const { failed, retried, total } = counts;
  const left = isStopping ? undefined : leftOf(counts, perMs);
  const parts: Part[] = [
    { text: `${doneOf(counts)} of ${total ?? "?"} done`, rank: 0 },
    { text: failed > 0 ? `${failed} failed` : "", rank: 1, color: "red" },
    { text: isStopping ? "stopping, Ctrl-C ends it at once" : "", rank: 2, color: "yellow" },
    { text: retried > 0 ? `${retried} tried again` : "", rank: 6 },
    { text: activity ? activityText(activity) : "", rank: 5, color: "cyan" },
    { text: perMs > 0 ? rateText(perMs) : "", rank: 4 },
    { text: left === undefined ? "" : `${formatDuration(left)} left`, rank: 3 },
  ];
  return parts.filter(({ text }) => text !== "");
}

/** Those of the parts for which there is room, the most important ones first. */
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

function activityText({ running, busy, workers }: Activity): string {
  return `${running} running on ${busy} of ${workers} workers`;
}

function doneOf({ succeeded, failed }: Counts): number {
  return succeeded + failed;
}

/** How long it will still take, in milliseconds. */
function leftOf(counts: Counts, perMs: number): number | undefined {
  const rest = (counts.total ?? 0) - doneOf(counts);
  return rest > 0 && perMs > 0 ? rest / perMs : undefined;
}

const RATES = [["s", 1000], ["min", 60_000], ["h", 3_600_000], ["day", 86_400_000]] as const;

/** How many in the shortest time in which it is at least one: long tasks are no `0/s`. */
function rateText(perMs: number): string {
  const found = RATES.find(([, ms]) => perMs * ms >= 1);
  return found ? `${Math.round(perMs * found[1])}/${found[0]}` : "";
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
