import type { JobState } from "../job_dir/state.ts";
import { findJob } from "../job_dir/find.ts";
import { type Color, paint } from "../terminal/ansi.ts";
import { terminalColumns } from "../terminal/screen.ts";
import type { TableOptions } from "../terminal/table.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Flag } from "./args.ts";

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
export function jobOf({ positional }: Call): string {
  const [called, extra] = positional;
  if (extra !== undefined) throw new UsageError(`Cannot use "${extra}": one job at a time`);
  return findJob(called);
}

/** Writes all of a text to stdout, waiting for a slow reader. */
export async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
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
