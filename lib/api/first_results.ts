/**
 * Reads the first results of a job quickly, for display.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { JournalReader } from "../journal/reader.ts";
import { parseResults } from "../journal/scan.ts";
import { hasBigNumbers } from "../util/bytes/byte_scan.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseExact } from "../values/exact_json.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * Reads results from the first MiB of a job's journal.
 *
 * @param folder the job's folder.
 * @param count the maximum number of results.
 * @returns at most `count` results, in the order of task ids. Numbers may be texts of JSON, which
 * keep their digits.
 */
export function firstResults(folder: string, count: number): unknown[] {
  const found = firstEvents(folder).flatMap((events) =>
    parseResults(events, hasBigNumbers(events) ? parseExact : parseJson)
  );
  return found.sort((a, b) => a.id - b.id).slice(0, count).map(({ result }) => result);
}

/** Reads the events at the start of a journal. */
function firstEvents(folder: string): Uint8Array[] {
  const reader = new JournalReader(jobFiles(folder).events, readRecord(folder).id);
  const found: Uint8Array[] = [];
  let bytes = 0;
  for (const events of reader.all()) {
    found.push(events);
    bytes += events.length;
    if (bytes > MAX_BYTES) break;
  }
  return found;
}
