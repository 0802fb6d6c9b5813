/**
 * Recovers a job that has run before: repairs its files where its last run died, puts failed tasks
 * back, and writes its results again.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { type OutputFiles, rebuildResults } from "../job_dir/rebuild.ts";
import type { JobRecord } from "../job_dir/record.ts";
import type { ResultWriter } from "../job_dir/result_writer.ts";
import { readFailures } from "../journal/failures.ts";
import { eventLine, type TaskError } from "../journal/format.ts";
import { cutTornLine } from "../journal/repair.ts";
import { JournalState } from "../journal/state.ts";
import { Journal } from "../journal/writer.ts";
import { countLines, exists } from "../util/fs.ts";
import { NewFile } from "../util/line_file.ts";
import { ActiveRun } from "./active_run.ts";
import type { RunPlan } from "./plan.ts";

/** Opens the journal of a job that has not run before. */
export function beginRun(plan: RunPlan): ActiveRun {
  const journal = Journal.create(jobFiles(plan.folder).events, plan.record.id);
  return new ActiveRun(plan, journal, new JournalState(), 0);
}

/**
 * Opens the journal of a job that has run before. Lines that were cut off are removed, and the
 * failures that the plan selects are put back.
 */
export async function recoverRun(plan: RunPlan): Promise<ActiveRun> {
  const { folder, record, retryFilter } = plan;
  const { tasks, events, logs, spans } = jobFiles(folder);
  for (const path of [tasks, logs, spans]) cutTornLine(path);
  const read = countLines(tasks);
  const journal = await Journal.open(events, record.id);
  if (retryFilter) await putBack(events, journal, retryFilter);
  return new ActiveRun(plan, journal, await JournalState.read(events), read);
}

/** Records that failed tasks are to be tried again. */
async function putBack(
  path: string,
  journal: Journal,
  retryFilter: (error: TaskError) => boolean,
): Promise<void> {
  const lines: string[] = [];
  for await (const { id, attempt, error } of readFailures(path)) {
    if (retryFilter(error)) lines.push(eventLine({ id, attempt, type: "queued" }) + "\n");
  }
  journal.append(new TextEncoder().encode(lines.join("")));
  journal.flush();
}

/**
 * Writes the results and the errors again, as a run that died may have lost a part of them. Files of
 * a job that is done and ended by itself are complete and stay.
 *
 * @returns the writer from which the run continues, or nothing when the files stay.
 */
export async function recoverResults(
  { plan, record, past, isDone }: ActiveRun,
): Promise<ResultWriter | undefined> {
  if (plan.endedCleanly && isDone && hasFiles(record)) return undefined;
  const outputs = record.options.resultsTimestamp ? replacements(plan) : repairShared(plan);
  return await rebuildResults(plan.folder, record, outputs, past);
}

function hasFiles({ files }: JobRecord): boolean {
  return Object.values(files).every(exists);
}

/** Files that take the place of those that the job has written to. */
function replacements({ record: { files }, results, errors }: RunPlan): OutputFiles {
  return {
    results: files.results ? new NewFile(files.results) : results,
    errors: files.errors ? new NewFile(files.errors) : errors,
  };
}

/** Removes torn lines from files that other jobs write to as well; such files are not replaced. */
function repairShared({ record: { id, files }, endedCleanly, reporter }: RunPlan): OutputFiles {
  for (const path of endedCleanly ? [] : Object.values(files)) {
    cutTornLine(path);
    reporter.warn(
      `Warning: ${path} is shared with other jobs, so the last lines of this job before it died ` +
        `may be missing or twice: dl_jobs results ${id} has them right`,
    );
  }
  return {};
}
