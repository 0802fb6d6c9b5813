/**
 * Reads the first results of a job quickly, for display.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { parseResults, wholeEnd } from "../journal/scan.ts";
import { NEWLINE } from "../util/bytes.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Reads results from the first MiB of a job's journal.
 *
 * @param folder the job's folder.
 * @param count the maximum number of results.
 * @returns at most `count` results, in the order of task ids.
 */
export function firstResults(folder: string, count: number): unknown[] {
  const found = parseResults(firstEvents(jobFiles(folder).events));
  return found.sort((a, b) => a.id - b.id).slice(0, count).map(({ result }) => result);
}

/** Reads the complete events at the start of a journal, without the header line. */
function firstEvents(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(Math.min(file.statSync().size, MAX_BYTES));
  const read = bytes.subarray(0, file.readSync(bytes) ?? 0);
  const events = read.subarray(read.indexOf(NEWLINE) + 1);
  return events.subarray(0, wholeEnd(events));
}
