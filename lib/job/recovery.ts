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
import { countLines, exists } from "../util/fs.ts";
import { NewFile } from "../util/line_file.ts";
import { ActiveRun } from "./active_run.ts";
import type { RunPlan } from "./plan.ts";
import { startedAt } from "./programs.ts";

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
  const { size } = await Deno.stat(events);
  const run = new ActiveRun(plan, journal, await JournalState.read(events), read);
  const programs = record.programs && startedAt(record.programs, size);
  if (programs?.some((program, at) => program !== record.programs![at])) run.update({ programs });
  return run;
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
  if (plan.endedCleanly && isDone && hasFiles(record)) return undefined;
  const outputs = record.options.resultsTimestamp ? replacements(plan) : repairShared(plan);
  return await rebuildResults(plan.folder, record, outputs, past);
}

function hasFiles({ files }: JobRecord): boolean {
  return Object.values(files).every(exists);
}

/** Returns replacements for the files that the job has written. */
function replacements({ record: { files }, results, errors }: RunPlan): OutputFiles {
  return {
    results: files.results ? new NewFile(files.results) : results,
    errors: files.errors ? new NewFile(files.errors) : errors,
  };
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
