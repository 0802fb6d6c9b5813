/**
 * The id of a job, and the name of one that the user has not named.
 *
 * @module
 */

import { timestamp } from "../util/duration.ts";

/**
 * Creates a job's id. Ids sort by time to the millisecond, and are short enough to be typed.
 *
 * @param now the time of the start
 */
export function newJobId(now: Date): string {
  const ms = String(now.getMilliseconds()).padStart(3, "0");
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex();
  return `${timestamp(now)}-${ms}${random.slice(0, 3)}`;
}

/**
 * Shortens a module's name: of a path only the file is kept, without its ending.
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
