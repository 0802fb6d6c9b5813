/**
 * What was asked of the platform for a job, in the job's folder: who comes later finds it there.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { exists } from "../../util/fs.ts";
import type { Assignment } from "../batch/reattach.ts";
import type { TaskRange } from "../shared/task_ranges.ts";
import { type Filter, isOneOf, OPEN, type Platform } from "./platform.ts";
import { Slice } from "./slice.ts";

/** One request for many platform jobs. */
export interface BulkRecord {
  readonly function: { readonly id: string; readonly namespace: string };
  /** What no other request is called; the platform knows it as a tag of its jobs, too. */
  readonly reference: string;
  /** Which tasks each platform job has. */
  readonly slices: readonly (readonly TaskRange[])[];
  /** What the platform calls them, as soon as that is known. */
  readonly jobs?: readonly string[];
  /** Whether they were ended on purpose. */
  readonly isCanceled?: boolean;
}

/** Where the requests of a job lie. */
export function bulksOf(folder: string): string {
  return engineFolder(folder, "compute");
}

/** The file that says that somebody has ended the job on purpose. */
export function canceledFile(folder: string): string {
  return `${bulksOf(folder)}/canceled`;
}

/** The files of the requests, the oldest first. */
export function listBulks(folder: string): string[] {
  return numbersOf(folder).map((number) => fileOf(folder, number));
}

/** The file of the next request. */
export function nextBulk(folder: string): string {
  return fileOf(folder, (numbersOf(folder).at(-1) ?? -1) + 1);
}

/** Reads what was asked. */
export async function readBulk(path: string): Promise<BulkRecord> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** Written aside and renamed, so that a reader never sees a part of it. */
export async function writeBulk(path: string, record: BulkRecord): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(record) + "\n");
  await Deno.rename(`${path}.new`, path);
}

/** What the platform jobs have that a former controller asked for, the newest first. */
export async function findAssignments(
  folder: string,
  platform: Platform,
): Promise<Assignment<Slice>[]> {
  const claims: Assignment<Slice>[] = [], isCanceled = exists(canceledFile(folder));
  for (const path of listBulks(folder).reverse()) {
    const record = await readBulk(path);
    const jobs = record.jobs ?? await findJobs(record, platform);
    await writeBulk(path, {
      ...record,
      jobs,
      isCanceled: isCanceled || record.isCanceled === true,
    });
    claims.push(
      ...assignmentsOf(path, { ...record, jobs }, isCanceled || record.isCanceled === true),
    );
  }
  if (isCanceled) await Deno.remove(canceledFile(folder));
  return claims;
}

/** Its controller died before it learned what the platform calls them: there may be none. */
async function findJobs({ reference, slices }: BulkRecord, platform: Platform): Promise<string[]> {
  const found = await platform.jobsBy([isOneOf("tags", [reference])]);
  const byIndex = new Map(found.map(({ id, args }) => [args[0], id]));
  return slices.map((_, index) => byIndex.get(index) ?? "");
}

function assignmentsOf(path: string, record: BulkRecord, isCanceled: boolean): Assignment<Slice>[] {
  const { slices, jobs = [] } = record;
  return slices.flatMap((rows, index) => {
    const job = jobs[index];
    if (!job) return [];
    const part = new Slice(job, record.function, placeOf(path, index), isCanceled);
    return rows.map((row) => ({ row, part }));
  });
}

/** By this the platform knows the jobs of a job. */
export function jobTag(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

/** The platform jobs of a job. */
export function taggedJobs(folder: string): Filter {
  return [isOneOf("tags", [jobTag(folder)])];
}

/** Those that have not ended. */
export function openJobs(folder: string): Filter {
  return [...taggedJobs(folder), isOneOf("status", OPEN)];
}

/** Removes what the platform has of a job, and what was kept of it. */
export async function removeBulks(folder: string, platform: Platform): Promise<void> {
  if (listBulks(folder).length > 0) await platform.deleteJobs(taggedJobs(folder));
  await Deno.remove(bulksOf(folder), { recursive: true });
}

/** What a platform job is called on this side. */
export function placeOf(path: string, index: number): string {
  return `${path.slice(path.lastIndexOf("/") + 1).replace(".json", "")}_${index}`;
}

function fileOf(folder: string, number: number): string {
  return `${bulksOf(folder)}/${number}.json`;
}

function numbersOf(folder: string): number[] {
  if (!exists(bulksOf(folder))) return [];
  return [...Deno.readDirSync(bulksOf(folder))].filter(({ name }) => /^\d+\.json$/.test(name))
    .map(({ name }) => parseInt(name)).sort((a, b) => a - b);
}
