/**
 * Reads the beginning of a job's results, for a display that must not wait.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { parseResults, wholeEnd } from "../journal/scan.ts";
import { NEWLINE } from "../util/bytes.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Reads results at the beginning of a job's journal.
 *
 * @param folder The job's folder.
 * @param count The largest number of results.
 * @returns The results of the first tasks among those in the first MiB of the journal.
 */
export function firstResults(folder: string, count: number): unknown[] {
  const found = parseResults(firstEvents(jobFiles(folder).events));
  return found.sort((a, b) => a.id - b.id).slice(0, count).map(({ result }) => result);
}

/** Reads the whole events in the first bytes of a journal, without its header line. */
function firstEvents(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(Math.min(file.statSync().size, MAX_BYTES));
  const read = bytes.subarray(0, file.readSync(bytes) ?? 0);
  const events = read.subarray(read.indexOf(NEWLINE) + 1);
  return events.subarray(0, wholeEnd(events));
}
