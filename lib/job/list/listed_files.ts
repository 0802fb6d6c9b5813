/**
 * The files of a list in the record of a job.
 *
 * @module
 */

import type { InputOptions } from "../../formats/format.ts";
import type { ListedFile } from "../../job_dir/record.ts";
import { ListFiles } from "../../tasks/list_files.ts";
import { defined } from "../../util/defined.ts";
import { UsageError } from "../../util/errors.ts";

// Clocks of file systems differ slightly from that of this process.
const RECENT_MS = 2000;

/** Describes a file of a list, or of values. A link may have another ending than its file. */
export async function describeFile(path: string, name: string): Promise<ListedFile> {
  const { size, mtime, ctime } = await Deno.stat(path), real = await Deno.realPath(path);
  const given = name === real ? undefined : name;
  const modified = mtime?.getTime() ?? 0, at = ctime?.getTime();
  // Deno returns this time in whole seconds. Another change in the same second would have the same.
  const changed = at !== undefined && Date.now() - at < RECENT_MS ? 0 : at;
  return defined<ListedFile>({ path: real, name: given, size, modified, changed });
}

/** Returns the list of files that a record describes. */
export function listedFiles(files: readonly ListedFile[], input?: InputOptions): ListFiles {
  const paths = files.map(({ path }) => path);
  return new ListFiles(paths, input, false, files.map(({ name }) => name));
}

/** Returns the error of a list whose rest cannot be read. */
export function cannotContinue(path: string, change = "changed"): UsageError {
  return new UsageError(
    `Cannot continue reading ${path}: it has ${change} since the job began, restore it or start ` +
      "a new job with --reuse",
  );
}
