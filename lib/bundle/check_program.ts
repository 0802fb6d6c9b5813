/**
 * Checks the program of a job before it runs again.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import type { JobRecord } from "../job_dir/record.ts";
import { exists } from "../util/fs.ts";
import { shortHash } from "./cache.ts";

/**
 * Refuses to run a damaged program.
 *
 * @throws {Error} when `bundle.js` is not the program that the job began with.
 */
export async function assertProgram(folder: string, record: JobRecord): Promise<void> {
  if (record.format === undefined || await isSoundProgram(folder, record.code)) return;
  throw new Error(
    `Cannot run job ${record.id}: its program ${jobFiles(folder).bundle} is damaged; start a new ` +
      "job with --reuse, which keeps the results of this job",
  );
}

/** Returns true when the program in the folder of a job has a hash. */
export async function isSoundProgram(folder: string, hash: string): Promise<boolean> {
  const { bundle } = jobFiles(folder);
  return exists(bundle) && await programHash(await Deno.readTextFile(bundle)) === hash;
}

/** Returns the hash of a program. The source map at its end is not part of the hash. */
async function programHash(text: string): Promise<string> {
  const end = text.lastIndexOf("//# sourceMappingURL=");
  return await shortHash(end < 0 ? text : text.slice(0, end));
}
