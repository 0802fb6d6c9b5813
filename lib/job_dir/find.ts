/**
 * Lists the jobs of a directory, and finds a job by its id or name.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";
import { jobFiles, jobFolder, storeOf } from "./layout.ts";
import { readRecord } from "./record.ts";

/**
 * Lists the jobs of a directory.
 *
 * @param cwd the directory, as an absolute path. @default {Deno.cwd()}
 * @returns the ids of the jobs, from oldest to newest.
 */
export function listJobs(cwd: string = Deno.cwd()): string[] {
  const ids: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(storeOf(cwd))) {
      if (isDirectory && exists(jobFiles(jobFolder(name, cwd)).record)) ids.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return ids.sort();
}

/**
 * Finds a job by its id, a unique part of its id, or its name. `last` selects the newest job, and a
 * name selects the newest job with that name.
 *
 * @param called the id, a unique part of the id, the name, or `last`. @default {"last"}
 * @param cwd the directory of the job, as an absolute path. @default {Deno.cwd()}
 * @returns the job's folder.
 * @throws {UsageError} when no job matches, or `called` is part of more than one id.
 */
export function findJob(called = "last", cwd: string = Deno.cwd()): string {
  const ids = listJobs(cwd);
  const folder = (id: string) => jobFolder(id, cwd);
  if (ids.length === 0) {
    throw new UsageError(`Cannot find a job: ${storeOf(cwd)} has no jobs, start one first`);
  }
  if (called === "last") return folder(ids.at(-1)!);
  const found = ids.includes(called) ? [called] : ids.filter((id) => id.includes(called));
  if (found.length === 1) return folder(found[0]!);
  if (found.length > 1) throw ambiguous(called, found);
  const named = ids.map(folder).filter((folder) => readRecord(folder).name === called);
  if (named.length > 0) return named.at(-1)!;
  throw new UsageError(`Cannot find job "${called}": dl_jobs jobs lists the jobs of this folder`);
}

function ambiguous(called: string, found: readonly string[]): UsageError {
  return new UsageError(
    `Cannot choose a job: "${called}" is part of the ids ${found.slice(-5).join(", ")}; ` +
      "type more of the id",
  );
}
