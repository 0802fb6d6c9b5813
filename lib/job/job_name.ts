/**
 * Creates the ids and the default names of jobs.
 *
 * @module
 */

import { timestamp } from "../util/duration.ts";

/**
 * Creates a job's id. Ids sort by start time, to the millisecond, and are short enough to type.
 *
 * @param now the start time of the job
 */
export function newJobId(now: Date): string {
  const ms = String(now.getMilliseconds()).padStart(3, "0");
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex();
  return `${timestamp(now)}-${ms}${random.slice(0, 3)}`;
}

// File systems limit names to 255 bytes.
const MAX_STEM = 120;

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
  return name.replaceAll(/[\s/\\:\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ".").slice(0, MAX_STEM);
}

/**
 * Shortens the name of a module by removing the folders and the extension of its path. The method
 * is kept.
 *
 * @example
 * ```ts
 * import { shortName } from "./job_name.ts";
 *
 * const names = ["work.ndvi", "./a/tiles.ts", "./a/tiles.ts#mean"].map(shortName);
 * if (names.join() !== "work.ndvi,tiles,tiles.mean") throw new Error(names.join());
 * ```
 */
export function shortName(module: string): string {
  const hash = module.lastIndexOf("#");
  const [path, method] = hash < 0 ? [module, ""] : [module.slice(0, hash), module.slice(hash + 1)];
  const file = path.split("/").at(-1)!.replace(/\.[mc]?[jt]sx?$/, "");
  return method ? `${file}.${method}` : file;
}
