/**
 * Recovers a job that has run before. The recovery repairs the job's files if its last run died,
 * queues failed tasks again, and rewrites the results.
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
import { countLines, exists, isFile } from "../util/fs.ts";
import { LineCheck } from "../util/line_check.ts";
import type { LineFile } from "../util/line_file.ts";
import { NewFile } from "../util/new_file.ts";
import { OutputFile } from "../util/output_file.ts";
import { ActiveRun } from "./active_run.ts";
import type { RunPlan } from "./plan.ts";

/** Creates the journal of a job that has not run before. */
export function beginRun(plan: RunPlan): ActiveRun {
  const journal = Journal.create(jobFiles(plan.folder).events, plan.record.id);
  return new ActiveRun(plan, journal, new JournalState(), 0);
}

/**
 * Opens the journal of a job that has run before, removes incomplete lines from the job's files,
 * and queues the failed tasks that the plan selects.
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

/** Records in the journal that failed tasks will run again. */
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
 * Rewrites the results and the errors, because a run that died may have lost some of them. If the
 * last run ended normally, no tasks are pending and the files exist, the files are kept.
 *
 * @returns the writer from which the run continues, or `undefined` when the files are kept.
 */
export async function recoverResults(
  { plan, record, past, isDone }: ActiveRun,
): Promise<ResultWriter | undefined> {
  if (plan.endedCleanly && isDone && await hasFiles(plan, past)) return undefined;
  const outputs = isShared(record) ? repairShared(plan) : replacements(plan);
  const rebuilt = await rebuildResults(plan.folder, record, outputs, past);
  // The file that was locked has been replaced.
  if (plan.results instanceof OutputFile) plan.results.claim();
  return rebuilt;
}

/** Returns true when other jobs write to the files of a job, too. */
function isShared({ options, output }: JobRecord): boolean {
  return !options.resultsTimestamp && output === undefined;
}

/** Returns true when the files of a job that ended still hold what the journal says. */
async function hasFiles(
  { folder, record, reporter }: RunPlan,
  past: JournalState,
): Promise<boolean> {
  if (isShared(record)) return Object.values(record.files).every(exists);
  const { results, errors } = record.files;
  const checks = { results: checkOf(results), errors: checkOf(errors) };
  await rebuildResults(folder, record, checks, past);
  const changed = Object.values(checks).flatMap((check) =>
    check?.end() === false ? check.name : []
  );
  for (const path of changed) {
    reporter.warn(`Warning: ${path} differs from the journal, and is written again`);
  }
  return changed.length === 0;
}

/** Opens a file for comparison. A pipe or a device cannot be compared. */
function checkOf(path: string | undefined): LineCheck | undefined {
  if (path === undefined) return undefined;
  NewFile.clean(path);
  return exists(path) && !isFile(path) ? undefined : new LineCheck(path);
}

/**
 * Returns replacements for the files that the job has written. A pipe or a device cannot be
 * replaced, and receives only the results of this run.
 */
function replacements({ record: { files }, results, errors }: RunPlan): OutputFiles {
  const replaced = (path: string | undefined, file: LineFile | undefined) => {
    if (path === undefined) return file;
    return exists(path) && !isFile(path) ? undefined : new NewFile(path);
  };
  return { results: replaced(files.results, results), errors: replaced(files.errors, errors) };
}

/** Removes incomplete lines from files shared with other jobs. Shared files are never replaced. */
function repairShared({ record: { id, files }, endedCleanly, reporter }: RunPlan): OutputFiles {
  for (const path of endedCleanly ? [] : Object.values(files)) {
    cutTornLine(path);
    reporter.warn(
      `Warning: ${path} is shared with other jobs, so the last lines of this job before it died ` +
        `may be missing or duplicated: dl_jobs results ${id} prints the correct results`,
    );
  }
  return {};
}
