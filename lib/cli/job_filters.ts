/**
 * The flags that select jobs of a list.
 *
 * @module
 */

import { type OptionSpec, parseValue } from "../config/option_types.ts";
import { NO_JOB_STATE } from "../job/inspect/jobs_table.ts";
import type { JobEntry, JobFilter } from "../job/inspect/select_jobs.ts";
import { UsageError } from "../util/errors.ts";

const STATES = [
  ...["running", "interrupted", "succeeded", "failed", "canceled"] as const,
  NO_JOB_STATE,
] as const satisfies readonly JobEntry["state"][];

/** The flags that select jobs by their state and their name. */
export const FILTER_FLAGS: readonly OptionSpec[] = [
  {
    name: "state",
    type: "list",
    label: "A,B",
    default: "",
    example: "failed,canceled",
    doc: `Only jobs in these states: ${STATES.join(", ")}.`,
  },
  {
    name: "name",
    type: "text",
    default: null,
    example: "'tile-*'",
    doc: "Only jobs with this name, in which * matches any characters.",
  },
];

/**
 * Returns the filter of a call.
 *
 * @throws {UsageError} when it names an unknown state.
 */
export function filterOf({ state, name }: Readonly<Record<string, unknown>>): JobFilter {
  const states = state as JobEntry["state"][];
  const unknown = states.find((one) => !STATES.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot use --state "${unknown}": the states are ${STATES.join(", ")}`,
    );
  }
  return {
    states: states.length > 0 ? states : undefined,
    name: name === null ? undefined : String(name),
  };
}

/**
 * Parses a time in the past: a duration, such as 2d, or a date.
 *
 * @param flag the flag, for error messages
 * @returns the time in milliseconds since 1970.
 */
export function pastTime(value: unknown, flag: string): number | undefined {
  if (value === null) return undefined;
  const text = String(value);
  // A date without a time would be read as UTC, although a user means the local day.
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text;
  if (/^\d{4}-/.test(text)) {
    return checkedTime(isImpossible(text.slice(0, 10)) ? NaN : Date.parse(date), text, flag);
  }
  if (/^\d+$/.test(text)) throw withoutUnit(text, flag);
  try {
    return Date.now() - Number(parseValue(DURATION, text, flag));
  } catch (cause) {
    throw wrongTime(text, flag, cause);
  }
}

/** Returns true for a day such as 2026-02-30, which `Date` would read as a day in March. */
function isImpossible(day: string): boolean {
  const time = Date.parse(`${day}T00:00Z`);
  return Number.isFinite(time) && !new Date(time).toISOString().startsWith(day);
}

/** Returns the error of a number. Elsewhere it means seconds, and here a user mostly means days. */
function withoutUnit(text: string, flag: string): UsageError {
  return new UsageError(
    `Cannot use ${flag} ${text}: it has no unit, write ${text}d for days, ${text}h for hours, or a ` +
      "date such as 2026-11-30",
  );
}

const DURATION: OptionSpec = { name: "time", type: "duration", default: null, doc: "" };

function checkedTime(time: number, text: string, flag: string): number {
  if (Number.isFinite(time)) return time;
  throw wrongTime(text, flag);
}

function wrongTime(text: string, flag: string, cause?: unknown): UsageError {
  return new UsageError(
    `Cannot use ${flag} "${text}": write a duration such as 12h or 2d, or a date such as 2026-11-30`,
    { cause },
  );
}
