/**
 * Recovers a job that has run before. The recovery repairs the job's files if its last run died,
 * queues failed tasks again, and rewrites the results.
 *
 * @module
 */

import { assertProgram } from "../../bundle/program/check_program.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { type OutputFiles, rebuildResults } from "../../job_dir/rebuild.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { ResultWriter } from "../../job_dir/result_writer.ts";
import { codeLine } from "../../journal/code_line.ts";
import { readFailures } from "../../journal/failures.ts";
import { eventLine, JOURNAL_VERSION, type TaskEvent } from "../../journal/format.ts";
import type { Damage } from "../../journal/frames.ts";
import { cutTornLine, openJournal, type RepairedJournal } from "../../journal/repair.ts";
import type { JournalState } from "../../journal/state.ts";
import { counted } from "../../util/text/counted.ts";
import { UsageError } from "../../util/errors.ts";
import { exists, isFile } from "../../util/files/fs.ts";
import { LineCheck } from "../../util/files/line_check.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { NewFile } from "../../util/files/new_file.ts";
import { OutputFile } from "../../util/files/output_file.ts";
import { claimOutput } from "../files/output_files.ts";
import { ActiveRun } from "./active_run.ts";
import { recoverList } from "./list_recovery.ts";
import type { RetryFilter, RunPlan } from "../plan/plan.ts";

/**
 * Opens the files of a job that has run before: removes incomplete and damaged parts, whose tasks
 * run again, and queues the failed tasks that the plan selects.
 *
 * @throws {Error} when the program is damaged, or the list is damaged and its source is gone.
 */
export async function recoverRun(plan: RunPlan): Promise<ActiveRun> {
  const { folder, record, retryFilter, reporter } = plan,
    { events, logs, spans } = jobFiles(folder);
  await assertProgram(folder, record);
  for (const path of [logs, spans]) cutTornLine(path);
  const wasEnded = plan.lastEnded !== undefined;
  const opened = openJournal(events, record.id, wasEnded);
  const { journal, state, damages, kept } = opened;
  if (kept) reporter.warn(mendedText(damages, kept));
  const read = await recoverList(plan, state.end);
  const places = retryFilter ? await putBack(plan, opened, retryFilter) : [];
  if (plan.hasNewCode) journal.append(new TextEncoder().encode(codeLine(record.code)));
  const run = new ActiveRun(plan, journal, state, read);
  for (const [id, place] of places) run.places.set(id, place);
  if (record.format !== JOURNAL_VERSION) run.update({ format: JOURNAL_VERSION });
  return run;
}

function mendedText(damages: readonly Damage[], kept: string): string {
  return `Warning: the journal was damaged at byte ${damages[0]!.at}: the tasks whose ends it ` +
    `lost run again, and ${kept} is a copy of the damaged file`;
}

// Limits the memory for places.
const MOST_PLACES = 100_000;

/**
 * Records in the journal, and in its state, that failed tasks will run again.
 *
 * @returns the places of the first of these tasks.
 */
async function putBack(
  { record, reporter }: RunPlan,
  { journal, state }: RepairedJournal,
  retryFilter: RetryFilter,
): Promise<[id: number, place: string][]> {
  const places: [number, string][] = [];
  const queued: Extract<TaskEvent, { type: "queued" }>[] = [], { failed } = state;
  let invalid = 0;
  for await (const { id, attempt, error, place } of readFailures(journal.path, record.id, state)) {
    if (error.class === "invalid") invalid++;
    if (error.class === "invalid" || !retryFilter(error, id)) continue;
    queued.push({ id, attempt, type: "queued" });
    if (place !== undefined && places.length < MOST_PLACES) places.push([id, place]);
  }
  journal.append(new TextEncoder().encode(queued.map((one) => eventLine(one) + "\n").join("")));
  journal.flush();
  for (const event of queued) state.event(event);
  if (queued.length === 0 && failed > 0) reporter.warn(noneText(record, failed, invalid));
  return places;
}

/** Explains why none of the failed tasks runs again. */
function noneText({ id }: JobRecord, failed: number, invalid: number): string {
  const tasks = counted(failed, "failed task");
  return invalid === failed
    ? `retry cannot help: the list has no valid elements for ${tasks}, see dl_jobs errors ${id}`
    : `retry runs none of ${tasks}: no failure that can run again matches, see dl_jobs errors ${id}`;
}

/**
 * Rewrites the results and the errors, because a run that died may have lost some of them. If the
 * last run ended normally, no tasks are pending and the files exist, the files are kept.
 *
 * @returns the writer from which the run continues, or `undefined` when the files are kept.
 */
export async function recoverResults(
  run: ActiveRun,
): Promise<ResultWriter | undefined> {
  const writer = await rebuild(run), { plan, record: { files } } = run;
  // A file may be removed before the first line of this run is written to it.
  if (files.results !== undefined) plan.results?.keepLines();
  if (files.errors !== undefined) plan.errors?.keepLines();
  return writer;
}

async function rebuild(
  { plan, record, past, isDone }: ActiveRun,
): Promise<ResultWriter | undefined> {
  if (plan.lastEnded && isDone && await hasFiles(plan, past)) return undefined;
  const outputs = isShared(record) ? repairShared(plan) : replacements(plan);
  const rebuilt = await rebuildResults(plan.folder, record, outputs, past);
  // The file that was locked has been replaced.
  if (plan.results instanceof OutputFile) plan.results.claim();
  return rebuilt;
}

/**
 * Writes the results and the errors of a run at its end again.
 *
 * @throws {UsageError} when other jobs share the files, or another job writes the results file now.
 */
export async function rewriteOutputs({ plan, record }: ActiveRun): Promise<void> {
  const { folder, results } = plan, { id } = record;
  if (isShared(record)) {
    throw new UsageError(`it is shared with other jobs, dl_jobs results ${id} prints the results`);
  }
  if (results instanceof OutputFile) {
    // The lock is that of the file before, whose name may lead to the file of another job.
    results[Symbol.dispose]();
    claimOutput(results, folder);
  }
  await rebuildResults(folder, record, replacements({ ...plan, record }));
}

/** Returns true when other jobs write to the files of a job, too. */
function isShared({ options, output }: JobRecord): boolean {
  return !options.resultsTimestamp && output === undefined;
}

/** Returns true when the files of a job that ended still hold what the journal says. */
async function hasFiles(
  { folder, record, reporter, exported }: RunPlan,
  past: JournalState,
): Promise<boolean> {
  if (isShared(record)) return Object.values(record.files).every(exists);
  const { results, errors } = record.files;
  const checks = { results: exported ? undefined : checkOf(results), errors: checkOf(errors) };
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
  return {
    results: results && replaced(files.results, results),
    errors: replaced(files.errors, errors),
  };
}

/** Removes incomplete lines from files shared with other jobs. Shared files are never replaced. */
function repairShared({ record: { id, files }, lastEnded, reporter }: RunPlan): OutputFiles {
  for (const path of lastEnded ? [] : Object.values(files)) {
    cutTornLine(path);
    reporter.warn(
      `Warning: ${path} is shared with other jobs, so the last lines of this job before it died ` +
        `may be missing or duplicated: dl_jobs results ${id} prints the correct results`,
    );
  }
  return {};
}
