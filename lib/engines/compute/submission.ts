/**
 * The submissions of a job to the platform, in the job's folder.
 *
 * The names of the files and of the fields are those of version 0.1.0: controllers of both versions
 * read each other's records.
 *
 * @module
 */

import { engineFolder } from "../../job_dir/layout.ts";
import { type Assignment, assignmentsOf, formerAssignments } from "../batch/reattach.ts";
import { Submissions } from "../batch/submissions.ts";
import type { TaskRange } from "../shared/task_ranges.ts";
import { ComputePart } from "./compute_part.ts";
import { type Filter, isOneOf, OPEN, type Platform } from "./platform.ts";

/** One request for many platform jobs. */
export interface SubmissionRecord {
  /** The platform's function that the jobs call. */
  readonly function: { readonly id: string; readonly namespace: string };
  /** The name that no other request has; the platform keeps it as a tag of the jobs. */
  readonly reference: string;
  /** The task ranges of each platform job. */
  readonly slices: readonly (readonly TaskRange[])[];
  /** The ids of the platform jobs, once they are known. */
  readonly jobs?: readonly string[];
  /** True when the platform jobs were ended on purpose. */
  readonly isCanceled?: boolean;
}

/** Returns the records of a job's submissions. */
export function submissionsOf(folder: string): Submissions<SubmissionRecord> {
  return new Submissions(engineFolder(folder, "compute"), ".json");
}

/** Lists the assignments of the platform jobs that a former controller submitted, the newest first. */
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
 * Finds the platform jobs of a submission whose controller ended before it learned their ids. An id is
 * empty where there is no job.
 */
async function findJobs(
  { reference, slices }: SubmissionRecord,
  platform: Platform,
): Promise<string[]> {
  const found = await platform.jobsBy([isOneOf("tags", [reference])]);
  const byIndex = new Map(found.map(({ id, args }) => [args[0], id]));
  return slices.map((_, index) => byIndex.get(index) ?? "");
}

/** Returns the tag that all platform jobs of a job have. */
export function jobTag(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

/** Returns a filter for the platform jobs of a job. */
export function taggedJobs(folder: string): Filter {
  return [isOneOf("tags", [jobTag(folder)])];
}

/** Returns a filter for the platform jobs of a job that have not ended. */
export function openJobs(folder: string): Filter {
  return [...taggedJobs(folder), isOneOf("status", OPEN)];
}

/** Returns the name of a platform job on this side: its submission's number, and its index there. */
export function placeOf(path: string, index: number): string {
  return `${path.slice(path.lastIndexOf("/") + 1)}_${index}`;
}
