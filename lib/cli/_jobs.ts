import { UsageError } from "../errors.ts";
import { type Color, paint } from "../paint.ts";
import { terminalColumns } from "../progress/screen.ts";
import { findJob, type JobCounts, type JobState } from "../store.ts";
import { type TableOptions, textTable } from "../table.ts";
import { formatDuration } from "../timer.ts";
import type { Call, Flag } from "./_args.ts";

/** The flag that every command about past jobs has. */
export const JSON_FLAG: Flag = {
  name: "json",
  type: "boolean",
  default: false,
  doc: "Answer in JSON, for machines.",
};

/** What a job can be called, for the helps. */
export const JOB_NAMES =
  "JOB is an id, a unique part of one, a name, or last, which is the default.";

/** The folder of the job that a call is about. */
export async function jobOf({ positional }: Call): Promise<string> {
  const [called, extra] = positional;
  if (extra !== undefined) throw new UsageError(`Cannot use "${extra}": one job at a time`);
  return await findJob(called);
}

/** Writes all of a text to stdout, waiting for a slow reader. */
export async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

/** What a list of jobs says of each. */
export interface JobRow extends JobCounts {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly started: string;
}

/** Jobs, a line each. */
export function jobsTable(jobs: readonly JobRow[], options?: TableOptions): string {
  return textTable({
    head: ["id", "name", "state", "tasks", "succeeded", "failed", "age"],
    rows: jobs.map(({ id, name, state, total, succeeded, failed, started }) => [
      ...[id, name, state, String(total), String(succeeded), String(failed)],
      formatDuration(Date.now() - Date.parse(started)),
    ]),
  }, options);
}

/** How a table stands on stdout: within a terminal and with its colours, in full elsewhere. */
export function forStdout(): TableOptions {
  if (!Deno.stdout.isTerminal()) return {};
  const hasColor = !Deno.noColor && Deno.env.get("TERM") !== "dumb";
  return { columns: terminalColumns(), kept: 1, ...(hasColor ? { paint: paintState } : {}) };
}

const STATE_COLORS: { readonly [S in JobState]: Color } = {
  running: "cyan",
  interrupted: "yellow",
  canceled: "yellow",
  failed: "red",
  succeeded: "green",
};

function paintState(cell: string, text: string, name: string): string {
  const color = STATE_COLORS[text as JobState] as Color | undefined;
  return name === "state" && color ? paint(cell, color) : cell;
}
