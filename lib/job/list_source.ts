/**
 * Describes the source of a job's list in its record, and reopens the source when the job is
 * resumed.
 *
 * @module
 */

import type { JobRecord, ListSource } from "../job_dir/record.ts";
import type { ArgsList } from "../tasks/source.ts";
import { UsageError } from "../util/errors.ts";
import { isRemote } from "../util/remote.ts";
import type { JobOptions, RunOptions } from "./options.ts";
import { jobsOf } from "./run_method.ts";

/**
 * Returns the list of a job. For a job without a list, returns a list with one element, the
 * arguments of its only call.
 *
 * @returns the list, and whether its elements are arrays of arguments instead of single arguments.
 */
export function listOf(
  { argsList, args = [], kwargs }: JobOptions,
): { list: ArgsList; isCall: boolean } {
  if (argsList !== undefined && argsList !== null) return { list: argsList, isCall: false };
  return { list: [kwargs ? [...args, kwargs] : args], isCall: true };
}

/**
 * Returns the length of a list, or `undefined` when the length is unknown until the list is read.
 */
export function lengthOf(list: ArgsList): number | undefined {
  if (typeof list === "number") return list;
  return Array.isArray(list) ? list.length : undefined;
}

/**
 * Describes the source of a list for the record.
 *
 * @param origin the run method that returned the list, if any
 * @throws {UsageError} when the list is a path that does not exist or is a folder.
 */
export async function describeSource(
  list: ArgsList,
  origin: RunOptions["origin"],
): Promise<ListSource> {
  if (typeof list === "number") return { kind: "number", length: list };
  if (isFilePath(list)) {
    const path = await realPath(list);
    const { size, mtime, isFile, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new UsageError(`Cannot read ${list}: it is a folder, not a file`);
    if (isFile) return { kind: "file", path, size, modified: mtime?.getTime() ?? 0 };
  }
  // Stdin cannot be read a second time, even if the run method is called again.
  if (!origin || list === "-") return { kind: "stream" };
  // The values of variables may be secrets, and a run method does not receive them.
  const { env: _env, ...flags } = origin.flags;
  return { kind: "method", ...origin, flags };
}

function isFilePath(list: ArgsList): list is string | URL {
  if (list instanceof URL) return list.protocol === "file:";
  return typeof list === "string" && list !== "-" && !isRemote(list);
}

async function realPath(path: string | URL): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot read ${path}: no such file (relative paths start at ${Deno.cwd()})`,
      { cause },
    );
  }
}

/**
 * Opens the list of a job that has run before, at the start of the list. The caller skips the tasks
 * that earlier runs have read.
 *
 * @returns the whole list, or `undefined` when its source was a stream.
 * @throws {UsageError} when the file has changed, or the run method returns fewer jobs than before.
 */
export async function reopenList(record: JobRecord): Promise<ArgsList | undefined> {
  return await REOPEN[record.source.kind](record.source as never);
}

type Reopen<Kind> = (
  source: Extract<ListSource, { kind: Kind }>,
) => ArgsList | undefined | Promise<ArgsList | undefined>;

const REOPEN: { readonly [Kind in ListSource["kind"]]: Reopen<Kind> } = {
  number: ({ length }) => length,
  file: async ({ path, size, modified }) => {
    const now = await statOrUndefined(path);
    if (now?.size === size && (now.mtime?.getTime() ?? 0) === modified) return path;
    throw new UsageError(
      `Cannot continue reading ${path}: it has ${now ? "changed" : "been removed"} since the job ` +
        "began, restore it or start a new job with --reuse",
    );
  },
  method: async ({ method, args, kwargs, flags, index }) => {
    let at = 0;
    for await (const { options } of jobsOf(method, { args, kwargs, flags })) {
      if (at++ === index) return options.argsList ?? undefined;
    }
    throw new UsageError(`Cannot read the list again: ${method} returns fewer jobs than before`);
  },
  stream: () => undefined,
};

async function statOrUndefined(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch {
    return undefined;
  }
}
