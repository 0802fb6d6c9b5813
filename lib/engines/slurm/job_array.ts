/**
 * The files of a job array, in a folder that all nodes share: a slice of the tasks for each array
 * task, and the files that the array tasks write.
 *
 * Files and fields keep the names of version 0.1.0, which called an array a wave and an array task an
 * element. Array tasks and controllers of both versions can therefore read each other's files.
 *
 * @see https://slurm.schedmd.com/job_array.html
 *
 * @module
 */

import type { Span } from "../../journal/format.ts";
import { engineFolder } from "../../job_dir/layout.ts";
import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import {
  exists,
  existsOr,
  makePrivateFolder,
  PRIVATE_FILE,
  readIfThere,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { type FarSideSettings, farSideSettings } from "../shared/far_side_settings.ts";
import { Submissions } from "../batch/submissions.ts";
import type { EngineContext } from "../engine.ts";
import { taskLines, taskRanges } from "../shared/task_ranges.ts";
import type { TaskRange } from "../../tasks/task_range.ts";

/** The settings that all tasks of an array share. */
export interface ArraySettings extends FarSideSettings, Pick<EngineContext, "bundle" | "files"> {
  /** The variables of the workers in arrays of version 0.1.0; later arrays use {@linkcode writeEnv}. */
  readonly env?: EngineContext["env"] | undefined;
}

/** The content of `wave.json`, the record of a submitted array. */
export interface JobArrayRecord {
  /** The unique name of the array in Slurm. */
  readonly name: string;
  /** Slurm's id of the array; absent until `sbatch` has answered. */
  readonly array?: string;
  /** The settings of the array's tasks. */
  readonly settings: ArraySettings;
  /** The working folder that the user sets; absent for that of `sbatch`. */
  readonly workingFolder?: string | undefined;
  /** The task ranges of each array task. */
  readonly elements: readonly (readonly TaskRange[])[];
}

/** A line that an array task writes about itself, among the journal lines of its event file. */
export type ArrayTaskLine =
  /** `framed` is missing in the files of earlier versions, which have no checksums. */
  | { readonly begun: string; readonly node: string; readonly framed?: true }
  | { readonly broken: string }
  | { readonly terminated: string }
  | { readonly span: Span }
  | { readonly ended: string; readonly left: number };

/** Opens the records of a job's arrays; each array has a separate folder. */
export function jobArrays(folder: string): Submissions<JobArrayRecord> {
  return new Submissions(engineFolder(folder, "slurm"), "/wave.json");
}

/** Returns the paths of an array task's files. */
export function arrayTaskFiles(
  dir: string,
  index: number,
): { readonly tasks: string; readonly events: string; readonly log: string } {
  return {
    tasks: `${dir}/tasks/${index}.ndjson`,
    events: `${dir}/events/${index}.ndjson`,
    log: `${dir}/logs/${index}.log`,
  };
}

/** Returns the path of the file that tells array tasks to start no more tasks. */
export function stopFile(dir: string): string {
  return `${dir}/stop`;
}

/** Returns the name of an array in Slurm, unique among the arrays of all jobs. */
export function arrayName(dir: string): string {
  const [job, , number] = dir.split("/").slice(-3);
  return `dl_jobs-${job}-${number}`;
}

/** Returns the settings of an array's tasks. */
export function arraySettings(
  context: EngineContext,
  workers: number,
  limits: Limits | undefined,
): ArraySettings {
  const { bundle, files } = context;
  return { bundle, files, ...farSideSettings(context, workers, limits) };
}

/**
 * Writes the variables of a job's workers to a file that only the user can read. Command lines,
 * scripts and Slurm's database would show them to others.
 *
 * @param folder the folder of the job's arrays
 */
export function writeEnv(folder: string, env: EngineContext["env"]): void {
  if (Object.keys(env).length === 0) return removeEnv(folder);
  writeAtomic(envFile(folder), JSON.stringify(env), { sync: true, mode: PRIVATE_FILE });
}

/** Reads the variables of the workers on a node; no variables when the job has none. */
export async function envOfArray(
  folder: string,
  { env = {} }: ArraySettings,
): Promise<EngineContext["env"]> {
  return exists(envFile(folder)) ? JSON.parse(await Deno.readTextFile(envFile(folder))) : env;
}

/** Removes the file with the variables, when no array task needs it any more. */
export function removeEnv(folder: string): void {
  removeIfThere(envFile(folder));
}

function envFile(folder: string): string {
  return `${folder}/env.json`;
}

/**
 * Notes why Slurm has refused the last submission of a job, for the job's status.
 *
 * @param folder the folder of the job's arrays
 * @param message the reason; `undefined` when Slurm has accepted the submission
 */
export function noteRefusal(folder: string, message: string | undefined): void {
  const path = `${folder}/refused`;
  if (message !== undefined) Deno.writeTextFileSync(path, message, { mode: PRIVATE_FILE });
  else removeIfThere(path);
}

/** Returns why Slurm has refused the last submission of a job; an empty text when it has not. */
export function lastRefusal(folder: string): string {
  return readIfThere(`${folder}/refused`);
}

/**
 * Marks an array as canceled through dl_jobs, unless its submission was refused meanwhile.
 *
 * @param index the index of the array task that is canceled. @default {all of them}
 */
export async function markEnded(dir: string, index?: number): Promise<void> {
  try {
    await Deno.writeTextFile(endedFile(dir, index), "", { mode: PRIVATE_FILE });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns true when an array, or one of its array tasks, is marked as canceled. */
export function wasEnded(dir: string, index?: number): boolean {
  const isThere = (path: string) => existsOr(path, false);
  return isThere(endedFile(dir)) || (index !== undefined && isThere(endedFile(dir, index)));
}

function endedFile(dir: string, index?: number): string {
  return `${dir}/canceled${index === undefined ? "" : `.${index}`}`;
}

/** Returns the path of the file that tells array tasks to begin no tasks while it exists. */
export function pauseFile(dir: string): string {
  return `${dir}/paused`;
}

/** Pauses the tasks of an array, or continues them. Returns true when that is a change. */
export function markPaused(dir: string, isPaused: boolean): boolean {
  const path = pauseFile(dir);
  if (exists(path) === isPaused) return false;
  if (isPaused) Deno.writeTextFileSync(path, "", { mode: PRIVATE_FILE });
  else Deno.removeSync(path);
  return true;
}

/** Creates the folder of an array, writes its slices there, and returns their task ranges. */
export async function writeSlices(
  dir: string,
  slices: readonly TaskBatch[][],
): Promise<TaskRange[][]> {
  for (const name of ["tasks", "events", "logs"]) {
    // When the log folder is missing, array tasks fail without a message.
    makePrivateFolder(`${dir}/${name}`);
  }
  for (const [index, slice] of slices.entries()) {
    await writeSynced(arrayTaskFiles(dir, index).tasks, slice.flatMap(taskLines));
  }
  return slices.map((slice) => slice.flatMap(taskRanges));
}

/** Removes the record, slices and events of an array; its script and logs remain. */
export async function removeArray(arrays: Submissions<JobArrayRecord>, dir: string): Promise<void> {
  // The record is removed first, because controllers look for the other files only if the record
  // exists.
  await arrays.forget(dir);
  for (const name of ["tasks", "events"]) await Deno.remove(`${dir}/${name}`, { recursive: true });
}

/** Writes and syncs a file, which other machines can then read at once. */
async function writeSynced(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const options = { write: true, create: true, truncate: true, mode: PRIVATE_FILE };
  using file = await Deno.open(path, options);
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await file.syncData();
}
