/**
 * The folders of jobs, `.dl_jobs/<job id>/`: what was asked, and who has the job in hand.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists } from "../util/fs.ts";
import { STORE } from "./layout.ts";
import { readRecordSync } from "./record.ts";

/** All jobs of a folder, the newest last. */
export async function listJobs(cwd?: string): Promise<string[]> {
  return await Promise.try(() => listJobsSync(cwd));
}

/** The same, for what is shown at once. */
export function listJobsSync(cwd: string = Deno.cwd()): string[] {
  const ids: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(`${cwd}/${STORE}`)) {
      if (isDirectory && exists(`${cwd}/${STORE}/${name}/job.json`)) ids.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return ids.sort();
}

/**
 * The folder of a job that is called by its id, a unique part of it, its name, or `last`.
 *
 * @throws {UsageError} when there is none, or more than one.
 */
export async function findJob(called?: string, cwd?: string): Promise<string> {
  return await Promise.try(() => findJobSync(called, cwd));
}

/** The same, for what is shown at once. */
export function findJobSync(called = "last", cwd: string = Deno.cwd()): string {
  const ids = listJobsSync(cwd);
  const folder = (id: string) => `${cwd}/${STORE}/${id}`;
  if (ids.length === 0) {
    throw new UsageError(`Cannot find a job: there are none in ${cwd}/${STORE}`);
  }
  if (called === "last") return folder(ids.at(-1)!);
  const found = ids.includes(called) ? [called] : ids.filter((id) => id.includes(called));
  if (found.length === 1) return folder(found[0]!);
  if (found.length > 1) throw new UsageError(manyJobs(called, found));
  const named = ids.map(folder).filter((folder) => readRecordSync(folder).name === called);
  if (named.length > 0) return named.at(-1)!;
  throw new UsageError(`Cannot find job "${called}": dl_jobs jobs lists those that there are`);
}

function manyJobs(called: string, found: readonly string[]): string {
  return `Cannot tell which job "${called}" is: ${found.slice(-5).join(", ")} are called so`;
}
