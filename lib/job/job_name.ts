/**
 * Creates the ids and the default names of jobs.
 *
 * @module
 */

/**
 * Creates a job's id from the time in UTC, to the millisecond. Ids are short enough to type, and
 * sort in the order of creation: after the clock was set back, ids continue from the newest one.
 *
 * @param now the start time of the job
 * @param newest the id of the newest job of the directory, if any
 */
export function newJobId(now: Date, newest = ""): string {
  const time = idTime(now), last = newest.slice(0, time.length);
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex().slice(0, 3);
  return `${time > last ? time : nextTime(last) ?? time}${random}`;
}

/** Formats a time as in an id, such as `20261126T025058-123`. */
function idTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:Z]/g, "").replace(".", "-");
}

/** Returns the time one millisecond after the time of an id; `undefined` for any other text. */
function nextTime(last: string): string | undefined {
  const iso = last.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d)-(\d{3})$/, "$1-$2-$3:$4:$5.$6Z");
  const time = new Date(Date.parse(iso) + 1);
  return Number.isNaN(time.getTime()) ? undefined : idTime(time);
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
