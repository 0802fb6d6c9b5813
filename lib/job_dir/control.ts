/**
 * The file in which users ask for changes of a job that runs. The process that runs the job applies
 * its lines in order; a later process applies those that are left.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { PRIVATE_FILE, statIfThere, writeAll } from "../util/files/fs.ts";
import { isDict } from "../util/is_dict.ts";
import { tryJson } from "../util/try_json.ts";
import { jobFiles } from "./layout.ts";
import type { Holder } from "./lock.ts";
import type { JobRecord } from "./record.ts";

/** A change of a job. */
export interface ControlChange {
  /** The new values of options. @default {none} */
  readonly set?: Partial<Config> | undefined;
  /** True to begin no more tasks, false to continue. @default {as it is} */
  readonly isPaused?: boolean | undefined;
  /**
   * The process that must begin no more tasks, and leave the job when those that run have ended. A
   * later process passes over it. @default {none}
   */
  readonly leave?: Pick<Holder, "pid" | "since"> | undefined;
}

/** A line of the file. */
export interface ControlLine extends ControlChange {
  /** The time of the request, as ISO 8601 text. */
  readonly at: string;
}

/**
 * Asks for a change.
 *
 * @param folder the job's folder
 * @param record the job's record
 * @returns the length of the file with the change. A record whose `controlled` is at least as large
 * has the change.
 */
export function appendControl(
  folder: string,
  change: ControlChange,
  { controlled = 0 }: Pick<JobRecord, "controlled">,
): number {
  const line: ControlLine = { at: new Date().toISOString(), ...change };
  const path = jobFiles(folder).control;
  using file = Deno.openSync(path, { read: true, append: true, create: true, mode: PRIVATE_FILE });
  const text = "\n".repeat(missingNewlines(file, controlled)) + JSON.stringify(line) + "\n";
  // One write, so that lines of several processes do not mix.
  writeAll(file, new TextEncoder().encode(text), path, "fix this and try again");
  return file.seekSync(0, Deno.SeekMode.Current);
}

/**
 * Returns the number of newlines before the next line. A full disk or a power cut may have left a part
 * of a line, or less than the part of the file that has been applied.
 */
function missingNewlines(file: Deno.FsFile, applied: number): number {
  const { size } = file.statSync(), last = new Uint8Array([NEWLINE]);
  if (size < applied) return applied - size;
  if (size > 0) {
    file.seekSync(-1, Deno.SeekMode.End);
    file.readSync(last);
  }
  return last[0] === NEWLINE ? 0 : 1;
}

/**
 * Reads the changes after an offset.
 *
 * @returns the changes, and the offset after them
 */
export function readControl(
  folder: string,
  offset: number,
): { readonly lines: readonly ControlLine[]; readonly end: number } {
  const path = jobFiles(folder).control;
  if ((statIfThere(path)?.size ?? 0) <= offset) return { lines: [], end: offset };
  const bytes = Deno.readFileSync(path).subarray(offset);
  const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
  const texts = new TextDecoder().decode(whole).split("\n");
  return { lines: texts.flatMap(parseLine), end: offset + whole.length };
}

/** Parses a line. A line that is damaged asks for nothing. */
function parseLine(text: string): ControlLine[] {
  const line = tryJson(text), { at, set = {} } = Object(line);
  return typeof at === "string" && isDict(set) ? [line as ControlLine] : [];
}
