/**
 * What one array of a batch system is, on the file system that all its nodes share: a folder with a
 * slice of the tasks for each element, and what each element writes.
 *
 * @module
 */

import type { Span } from "../../journal/format.ts";
import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { engineFolder } from "../../job_dir/layout.ts";
import { exists } from "../../util/fs.ts";
import type { EngineContext } from "../engine.ts";
import { type TaskRange, taskRanges } from "../shared/task_ranges.ts";

/** What an element needs to know besides its tasks. */
export interface ElementSettings
  extends Limits, Pick<EngineContext, "bundle" | "concurrency" | "env" | "permissions" | "gpus"> {
  /** How many workers one element has. */
  readonly workers: number;
}

/** `wave.json`: what was asked of the cluster. */
export interface WaveRecord {
  /** What the cluster calls it; no other array is called so. */
  readonly name: string;
  /** The cluster's id for it, as soon as that is known. */
  readonly array?: string;
  readonly settings: ElementSettings;
  /** Which tasks each element has. */
  readonly elements: readonly (readonly TaskRange[])[];
}

/** What an element says of itself in its file; all other lines there are as in a journal. */
export type ElementLine =
  | { readonly begun: string; readonly node: string }
  | { readonly broken: string }
  | { readonly terminated: string }
  | { readonly span: Span }
  | { readonly ended: string; readonly left: number };

/** Where the arrays of a job lie. */
export function wavesOf(folder: string): string {
  return engineFolder(folder, "slurm");
}

/** The files of one element. */
export function elementFiles(wave: string, index: number) {
  return {
    tasks: `${wave}/tasks/${index}.ndjson`,
    events: `${wave}/events/${index}.ndjson`,
    log: `${wave}/logs/${index}.log`,
  };
}

/** The file that tells the elements of an array to begin nothing more. */
export function stopFile(wave: string): string {
  return `${wave}/stop`;
}

/** What no other array of any job is called. */
export function waveName(folder: string, number: number): string {
  return `dl_jobs-${folder.slice(folder.lastIndexOf("/") + 1)}-${number}`;
}

/** The file that says that somebody has ended the job on purpose. */
export function canceledFile(folder: string): string {
  return `${wavesOf(folder)}/canceled`;
}

/** What the elements of an array are told. */
export function elementSettings(
  { bundle, concurrency, env, permissions, gpus, timeout, memory }: EngineContext,
  workers: number,
  limits: Limits | undefined,
): ElementSettings {
  return {
    ...{ bundle, concurrency, env, permissions, gpus, workers },
    ...timeout ? { timeout } : {},
    ...memory ? { memory } : {},
    ...limits,
  };
}

/** Takes note that somebody has ended an array on purpose. */
export async function markCanceled(wave: string): Promise<void> {
  await Deno.writeTextFile(`${wave}/canceled`, "");
}

/** Whether somebody has ended an array on purpose. */
export function isCanceled(wave: string): boolean {
  return exists(`${wave}/canceled`);
}

/** Removes what an array needed while it ran; its script and its logs stay. */
export async function removeWave(wave: string): Promise<void> {
  // First the record: without it nobody looks for the others.
  for (const name of ["wave.json", "tasks", "events"]) {
    await Deno.remove(`${wave}/${name}`, { recursive: true });
  }
}

/** Reads what was asked of the cluster. */
export async function readWave(wave: string): Promise<WaveRecord> {
  return JSON.parse(await Deno.readTextFile(`${wave}/wave.json`));
}

/** Written aside and renamed, so that a reader never sees a part of it. */
export async function writeWave(wave: string, record: WaveRecord): Promise<void> {
  const path = `${wave}/wave.json`;
  await writeSynced(`${path}.new`, [new TextEncoder().encode(JSON.stringify(record) + "\n")]);
  await Deno.rename(`${path}.new`, path);
}

/** Writes the tasks of an element, and gives which they are. */
export async function writeSlice(
  path: string,
  batches: readonly TaskBatch[],
): Promise<TaskRange[]> {
  await writeSynced(path, batches.map(({ bytes }) => bytes));
  return batches.flatMap(taskRanges);
}

// Another machine must find it there.
async function writeSynced(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
  await file.syncData();
}

/**
 * The folders of a job's arrays, the oldest first. One without a record has been dealt with, or its
 * controller died before it was submitted.
 */
export function listWaves(folder: string): string[] {
  return numbersOf(folder).map((number) => `${wavesOf(folder)}/${number}`)
    .filter((wave) => exists(`${wave}/wave.json`));
}

/** The number that the next array of a job has. */
export function nextNumber(folder: string): number {
  return (numbersOf(folder).at(-1) ?? -1) + 1;
}

function numbersOf(folder: string): number[] {
  if (!exists(wavesOf(folder))) return [];
  return [...Deno.readDirSync(wavesOf(folder))].filter(({ name }) => /^\d+$/.test(name))
    .map(({ name }) => Number(name)).sort((a, b) => a - b);
}
