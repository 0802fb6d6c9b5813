import { UsageError } from "../errors.ts";
import { findJob } from "../store.ts";
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

/** Columns that align, for people; numbers stand at the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const isNumber = head.map((_, i) =>
    rows.length > 0 && rows.every((row) => /^[\d.]*$/.test(row[i]!))
  );
  const pad = (text: string, i: number) =>
    isNumber[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return all.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Writes all of a text to stdout, waiting for a slow reader. */
export async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}
