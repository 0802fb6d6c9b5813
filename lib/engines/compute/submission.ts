/**
 * The records of a job's submissions to the platform, in the job's folder.
 *
 * Files and fields keep the names of version 0.1.0, so controllers of both versions can read each
 * other's records.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { type Assignment, assignmentsOf, formerAssignments } from "../batch/reattach.ts";
import { Submissions } from "../batch/submissions.ts";
import type { TaskRange } from "../shared/task_ranges.ts";
import { ComputePart } from "./compute_part.ts";
import { type Filter, isOneOf, OPEN, type Platform } from "./platform.ts";

/** The record of one request for many platform jobs. */
export interface SubmissionRecord {
  /** The platform's function that the jobs call. */
  readonly function: { readonly id: string; readonly namespace: string };
  /** The unique name of the request, which is also a tag of its platform jobs. */
  readonly reference: string;
  /** The task ranges of each platform job. */
  readonly slices: readonly (readonly TaskRange[])[];
  /** The ids of the platform jobs; absent until the platform has answered. */
  readonly jobs?: readonly string[];
  /** True when a controller or a user canceled the platform jobs. */
  readonly isCanceled?: boolean;
}

/** Opens the records of a job's submissions. */
export function submissionsOf(folder: string): Submissions<SubmissionRecord> {
  return new Submissions(engineFolder(folder, "compute"), ".json");
}

/** Lists the assignments of platform jobs that earlier controllers submitted, newest first. */
export function findAssignments(
  submissions: Submissions<SubmissionRecord>,
  platform: Platform,
): Promise<Assignment<ComputePart>[]> {
  const wasCanceled = submissions.isCanceled();
  return formerAssignments(submissions, async (path, record) => {
    const jobs = record.jobs ?? await findJobs(record, platform);
    const isCanceled = wasCanceled || record.isCanceled === true;
    await submissions.write(path, { ...record, jobs, isCanceled });
    const partOf = (index: number) =>
      jobs[index]
        ? new ComputePart(jobs[index], record.function, placeOf(path, index), isCanceled)
        : undefined;
    return assignmentsOf(record.slices, partOf);
  });
}

/**
 * Finds the platform jobs of a submission whose controller ended before it recorded their ids.
 *
 * @returns the id of each slice's job, or an empty string for a slice without a job.
 */
async function findJobs(
  { reference, slices }: SubmissionRecord,
  platform: Platform,
): Promise<string[]> {
  const found = await platform.jobsBy([isOneOf("tags", [reference])]);
  const byIndex = new Map(found.map(({ id, args }) => [args[0], id]));
  return slices.map((_, index) => byIndex.get(index) ?? "");
}

/** Returns the tag that all platform jobs of a job share. */
export function jobTag(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

/** Returns a filter that matches all platform jobs of a job. */
export function taggedJobs(folder: string): Filter {
  return [isOneOf("tags", [jobTag(folder)])];
}

/** Returns a filter that matches the platform jobs of a job that have not ended. */
export function openJobs(folder: string): Filter {
  return [...taggedJobs(folder), isOneOf("status", OPEN)];
}

/** Returns the local name of a platform job, such as `3_0`: the submission's number and an index. */
export function placeOf(path: string, index: number): string {
  return `${path.slice(path.lastIndexOf("/") + 1)}_${index}`;
}
