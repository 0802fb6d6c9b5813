/**
 * Creates the ids and the default names of jobs.
 *
 * @module
 */

import { basename, fromFileUrl } from "../../util/paths.ts";

/**
 * Creates a job's id from the time in UTC, to the millisecond. Ids are short enough to type, and
 * sort in the order of creation: after the clock was set back, ids continue from the newest one.
 *
 * @param now the start time of the job
 * @param others the ids of the jobs of the same directory, in order
 */
export function newJobId(now: Date, others: readonly string[] = []): string {
  const newest = others.findLast((id) => timeAfter(id) !== undefined) ?? "";
  const time = idTime(now), isLater = time > newest.slice(0, time.length);
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex().slice(0, 3);
  return `${isLater ? time : timeAfter(newest)}${random}`;
}

/** Formats a time as in an id, such as `20261126T025058-123`. */
function idTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:Z]/g, "").replace(".", "-");
}

/** Returns the time one millisecond after that of an id; `undefined` for another text. */
function timeAfter(id: string): string | undefined {
  const [, year, month, day, hours, minutes, seconds, ms] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-(\d{3})/.exec(id) ?? [];
  const time = new Date(
    Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`) + 1,
  );
  return Number.isNaN(time.getTime()) ? undefined : idTime(time);
}

/**
 * Returns the name of the program of a command: `convert` for `/usr/bin/convert {} -resize 50%`.
 *
 * @param command the words of the command, or their text
 * @param isShell true when the words are the parts of a script
 */
export function commandName(command: string | readonly string[], isShell = false): string {
  const isText = typeof command === "string";
  const [first = ""] = isText || isShell
    ? String(isText ? command : command[0]).trim().split(/\s/, 1)
    : command;
  const name = basename(first);
  return /^[\w.+-]+$/.test(name) ? name : "command";
}

// File systems limit names to 255 bytes. The rest is for times, ids and endings.
const MAX_STEM = 180;

/**
 * Returns the part of a file name that names a job. Blanks, slashes, backslashes, colons and control
 * characters become dots.
 *
 * @example
 * ```ts
 * import { fileStem } from "./job_name.ts";
 *
 * const stem = fileStem("a/b: c\x1b]0;x\x07");
 * if (stem !== "a.b.c.]0;x.") throw new Error(stem);
 * ```
 */
export function fileStem(name: string): string {
  const stem = name.replaceAll(/[\s/\\:\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ".");
  // The encoder writes only whole characters.
  const { read } = new TextEncoder().encodeInto(stem, new Uint8Array(MAX_STEM));
  return stem.slice(0, read);
}

/**
 * Shortens the name of a module by removing the folders and the extension of its path. The method
 * is kept.
 *
 * @example
 * ```ts
 * import { shortName } from "./job_name.ts";
 *
 * const names = ["work.ndvi", "./a/tiles.ts", "./a/tiles.py#mean"].map(shortName);
 * if (names.join() !== "work.ndvi,tiles,tiles.mean") throw new Error(names.join());
 * ```
 */
export function shortName(module: string): string {
  const hash = module.lastIndexOf("#");
  const [path, method] = hash < 0 ? [module, ""] : [module.slice(0, hash), module.slice(hash + 1)];
  const file = (path.startsWith("file:") ? fromFileUrl(path) : path).replace(/\/__init__\.py$/, "")
    .split("/").at(-1)!
    .replace(/\.(?:[mc]?[jt]sx?|py)$/, "");
  return method ? `${file}.${method}` : file;
}
