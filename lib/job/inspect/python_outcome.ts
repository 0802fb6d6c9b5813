/**
 * The outcome of a job that Python code started, which `python/dl_jobs/_runner.py` reads.
 *
 * @module
 */

import { errorLine } from "../../job_dir/error_line.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { readFailures } from "../../journal/failures.ts";
import { readJournal } from "../../journal/reader.ts";
import { eachResult } from "../../journal/scan.ts";
import { LineIndex } from "../../ndjson/line_index.ts";
import { LineFile } from "../../util/files/line_file.ts";
import type { Summary } from "../report/summary.ts";

/**
 * Writes the outcome of a job: a line with its id, the number of its tasks that did not run, and the
 * paths of its files, then a line for each task that has ended. The line of a failed task contains
 * the line of the errors file as `error`, and the value of a returned error.
 */
export async function writeOutcome(
  path: string,
  { id, canceled, paths }: Summary,
): Promise<void> {
  using file = new LineFile(path);
  const { results, errors, log } = paths;
  const files = { results_path: results, errors_path: errors, log_file: log };
  file.write(line(JSON.stringify({ id, canceled, ...files })));
  const { events, tasks } = jobFiles(paths.folder);
  const decoder = new TextDecoder();
  for await (const block of readJournal(events, id)) {
    const lines: string[] = [];
    eachResult(block, (id, result) => {
      lines.push(`{"id":${id},"result":${decoder.decode(result)}}\n`);
    });
    file.write(new TextEncoder().encode(lines.join("")));
  }
  using list = await LineIndex.open(tasks);
  for await (const event of readFailures(events, id)) {
    const { value } = event.error, error = errorLine(event, list.at(event.id));
    const returned = value === undefined ? "" : `,"value":${JSON.stringify(value)}`;
    file.write(line(`{"id":${event.id}${returned},"error":${error}}`));
  }
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
