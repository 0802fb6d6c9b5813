/**
 * Jobs that print nothing, and the lines that they write.
 *
 * @module
 */

import { Job, type JobOptions, type Summary } from "../../../mod.ts";
import { type Folder, makeFolder } from "../../../tools/support/files.ts";

const QUIET = { noisy: false, printLogs: false, log: false, workers: 1 } as const;

/** Creates a folder of files and makes it the working directory until the test ends. */
export async function enterFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const folder = await makeFolder(files);
  const before = Deno.cwd();
  Deno.chdir(folder.path);
  return {
    ...folder,
    [Symbol.asyncDispose]: () => {
      Deno.chdir(before);
      return folder[Symbol.asyncDispose]();
    },
  };
}

/** Creates a job that prints nothing. */
export function quietJob<T>(options: JobOptions<T>): Job<T> {
  return new Job<T>({ ...QUIET, ...options });
}

/** A task that doubles its argument. */
export const double = (x: number) => x * 2;

/** Returns the counts of a summary: total, succeeded, failed, canceled. */
export function countsOf({ total, succeeded, failed, canceled }: Summary): number[] {
  return [total, succeeded, failed, canceled];
}
