/**
 * A job array on the file system that all nodes share: a folder with a slice of the tasks for each
 * array task, and the files that the array tasks write.
 *
 * The names of the files and of the fields are those of version 0.1.0, which called an array a wave
 * and an array task an element: array tasks and controllers of both versions read each other's files.
 *
 * @see https://slurm.schedmd.com/job_array.html
 *
 * @module
 */

import type { Span } from "../../journal/format.ts";
import { engineFolder } from "../../job_dir/layout.ts";
import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { exists } from "../../util/fs.ts";
import { Submissions } from "../batch/submissions.ts";
import type { EngineContext } from "../engine.ts";
import { type TaskRange, taskRanges } from "../shared/task_ranges.ts";

/** The settings of an array task, besides its slice. */
export interface ArraySettings extends
  Pick<
    EngineContext,
    "bundle" | "concurrency" | "env" | "permissions" | "gpus" | "timeout" | "memory"
  > {
  /** The number of workers of one array task. */
  readonly workers: number;
}

/** The content of `wave.json`: what was submitted. */
export interface JobArrayRecord {
  /** Slurm's name for the array, which no other array has. */
  readonly name: string;
  /** Slurm's id of the array, once it is known. */
  readonly array?: string;
  /** The settings of its array tasks. */
  readonly settings: ArraySettings;
  /** The task ranges of each array task. */
  readonly elements: readonly (readonly TaskRange[])[];
}

/** A line of an array task about itself; all other lines in its file are those of a journal. */
export type ArrayTaskLine =
  | { readonly begun: string; readonly node: string }
  | { readonly broken: string }
  | { readonly terminated: string }
  | { readonly span: Span }
  | { readonly ended: string; readonly left: number };

/** Returns the records of a job's arrays; each is in a folder of its own. */
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

/** Returns the path of the file that tells the tasks of an array to start nothing more. */
export function stopFile(dir: string): string {
  return `${dir}/stop`;
}

/** Returns the name of a new array, which no other array of any job has. */
export function arrayName(dir: string): string {
  const [job, , number] = dir.split("/").slice(-3);
  return `dl_jobs-${job}-${number}`;
}

/** Returns the settings of an array's tasks. */
export function arraySettings(
  { bundle, concurrency, env, permissions, gpus, timeout, memory }: EngineContext,
  workers: number,
  limits: Limits | undefined,
): ArraySettings {
  return {
    bundle,
    concurrency,
    env,
    permissions,
    gpus,
    workers,
    timeout: timeout || undefined,
    memory: memory || undefined,
    ...limits,
  };
}

/** Marks an array as ended on purpose. */
export async function markEnded(dir: string): Promise<void> {
  await Deno.writeTextFile(`${dir}/canceled`, "");
}

/** Returns true when an array was ended on purpose. */
export function wasEnded(dir: string): boolean {
  return exists(`${dir}/canceled`);
}

/** Creates the folder of an array with a slice for each array task, and returns their task ranges. */
export async function writeSlices(
  dir: string,
  slices: readonly TaskBatch[][],
): Promise<TaskRange[][]> {
  for (const name of ["tasks", "events", "logs"]) {
    // Slurm ends array tasks without a message when the folder of their logs is missing.
    await Deno.mkdir(`${dir}/${name}`, { recursive: true });
  }
  for (const [index, slice] of slices.entries()) {
    await writeSynced(arrayTaskFiles(dir, index).tasks, slice.map(({ bytes }) => bytes));
  }
  return slices.map((slice) => slice.flatMap(taskRanges));
}

/** Removes the files that an array needed while it ran; its script and its logs stay. */
export async function removeArray(arrays: Submissions<JobArrayRecord>, dir: string): Promise<void> {
  // The record is first: without it no controller looks for the other files.
  await arrays.forget(dir);
  for (const name of ["tasks", "events"]) await Deno.remove(`${dir}/${name}`, { recursive: true });
}

/** Writes a file through to its disk, so that another machine finds it there. */
async function writeSynced(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await file.syncData();
}
