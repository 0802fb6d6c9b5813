/**
 * The output that needs the results of all tasks: a results file that is not ndjson, and the value
 * of a reduce.
 *
 * @module
 */

import type { OutputSource } from "../../formats/output.ts";
import type { ReduceRecord } from "../../job_dir/reduce_state.ts";
import { statIfThere } from "../../util/files/fs.ts";
import { shownPath } from "../../util/paths.ts";
import type { ActiveRun } from "./active_run.ts";
import { exportResults } from "../files/output_files.ts";
import { noticeTo } from "./notices.ts";

/**
 * Writes the final output of a run, if all tasks have ended.
 *
 * @param lost aborted when this process may no longer write the files of the job
 * @returns the path of the file that was written, if any.
 * @throws {Error} when the results do not fit the format, or the reduce fails or is stopped.
 */
export async function writeFinalOutput(
  run: ActiveRun,
  lost: AbortSignal,
): Promise<string | undefined> {
  const { record, isDone, plan: { exported, folder, reporter } } = run, { reduce } = record;
  if (!exported && !reduce) return undefined;
  if (!isDone) {
    const target = exported?.name ?? `the value of ${reduce!.name}`;
    reporter.info(`${target} is written once the job is resumed and has ended`);
    return undefined;
  }
  const reduced = reduce && await sendReduced(run, reduce, lost);
  if (!exported || keepsEarlier(run, exported.name)) return undefined;
  await exportResults(exported, folder, record, noticeTo(reporter), reduced);
  return exported.name;
}

/**
 * Returns true, and tells the user, when a file with the results of an earlier job is not replaced,
 * because no task of this job has succeeded.
 */
export function keepsEarlier({ counts, record, plan }: ActiveRun, path: string): boolean {
  const { succeeded, failed } = counts;
  if (succeeded > 0 || failed === 0 || record.files.results !== undefined) return false;
  if (!statIfThere(path)?.size) return false;
  plan.reporter.warn(`${shownPath(path)} keeps its earlier content, because no task has succeeded`);
  return true;
}

/** Folds the results, and sends the value to the sinks. */
async function sendReduced(
  { plan: { folder, settings, reporter, exported, stop, signal, reducedSinks = [] } }: ActiveRun,
  reduce: ReduceRecord,
  lost: AbortSignal,
): Promise<OutputSource> {
  const { openReduced, reduceHost } = await import("../reduce/reduced.ts");
  const stopped = AbortSignal.any([stop, signal, lost]);
  const host = reduceHost(() => settings, (text) => reporter.warn(text), stopped);
  const reduced = await openReduced(folder, reduce, host, exported?.name);
  for await (const rows of reduced.rows()) {
    const lines = new TextEncoder().encode(rows.map(({ result }) => result + "\n").join(""));
    for (const sink of reducedSinks.flat()) await sink.write(lines);
  }
  return reduced;
}
