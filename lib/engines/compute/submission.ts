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
import type { TaskRange } from "../../tasks/task_range.ts";
import { ComputePart } from "./compute_part.ts";
import type { Platform } from "./platform.ts";
import {
  ENDS,
  idFilters,
  isOneOf,
  OPEN,
  type PlatformJob,
  type PlatformJobStatus,
  type ResultSource,
} from "./records.ts";
import { findIds } from "./slice_jobs.ts";
import type { Filter } from "./transport.ts";
import { basename } from "../../util/paths.ts";

/** The record of one request for many platform jobs. */
export interface SubmissionRecord {
  /** The platform's function that the jobs call. */
  readonly function: ResultSource;
  /** The unique name of the request, which is also a tag of its platform jobs. */
  readonly reference: string;
  /** The task ranges of each platform job. */
  readonly slices: readonly (readonly TaskRange[])[];
  /** The id of each slice's platform job; absent until the platform has answered. */
  readonly jobs?: readonly string[];
  /** The ids of the platform jobs while it is unknown which slice each job has. */
  readonly ids?: readonly string[];
  /** True when the platform has not told which slice each job has. */
  readonly isGuess?: boolean;
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
    const source = await located(record.function, platform);
    submissions.write(path, { ...record, function: source, jobs, isCanceled });
    const options = { isCanceled, isGuess: record.isGuess };
    const partOf = (index: number) =>
      jobs[index] ? new ComputePart(jobs[index], source, placeOf(path, index), options) : undefined;
    return assignmentsOf(record.slices, partOf);
  });
}

/** Completes the function of a record. Some responses of the platform do not name its owner. */
async function located(
  source: ResultSource,
  platform: Platform,
): Promise<ResultSource> {
  const namespace = source.namespace || await platform.namespaceOf(source.id);
  return { ...source, namespace: namespace ?? "" };
}

/**
 * Finds the platform jobs of a submission whose controller ended before it recorded their slices.
 * Cancels the jobs when the platform does not tell which slices they have.
 *
 * @returns the id of each slice's job, or an empty string for a slice without a job.
 */
async function findJobs(
  record: SubmissionRecord,
  platform: Platform,
): Promise<readonly string[]> {
  const { slices } = record;
  const rows = await submittedJobs(platform, record);
  const listed = { rows, count: slices.length, isInOrder: false };
  const found = await findIds(platform, listed);
  if (found) return found.jobs;
  await cancelSubmissions(platform, [{ ...record, ids: rows.map(({ id }) => id) }]);
  return slices.map(() => "");
}

/** Lists the platform jobs of a submission, by their ids where these are known. */
export async function submittedJobs(
  platform: Platform,
  { ids, reference }: Pick<SubmissionRecord, "ids" | "reference">,
): Promise<PlatformJob[]> {
  if (ids) return await platform.jobs(ids, [...OPEN, ...ENDS]);
  const found = await platform.jobsBy([isOneOf("tags", [reference])]);
  // The result of a foreign job must never come under a task of this one.
  return found.filter(({ tags }) => !tags || tags.includes(reference));
}

/**
 * Cancels the platform jobs of submissions that have one of the statuses.
 *
 * @param statuses the statuses. @default {those of jobs that have not ended}
 */
export async function cancelSubmissions(
  platform: Platform,
  records: readonly SubmissionRecord[],
  statuses: readonly PlatformJobStatus[] = OPEN,
): Promise<void> {
  const wanted = isOneOf("status", statuses);
  await eachFilter(records, (filter) => platform.cancelJobs([...filter, wanted]));
}

/**
 * Calls a function with filters that together match the platform jobs of submissions: by their ids,
 * or by the reference of a request whose ids are unknown.
 *
 * @throws the first error, after all calls have ended.
 */
export async function eachFilter<T>(
  records: readonly SubmissionRecord[],
  act: (filter: Filter) => Promise<T>,
): Promise<T[]> {
  const outcomes = await Promise.allSettled(records.flatMap(filtersOf).map(act));
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

function filtersOf({ jobs, ids = jobs, reference }: SubmissionRecord): Filter[] {
  const known = ids?.filter((id) => id !== "") ?? [];
  return ids ? idFilters(known) : [[isOneOf("tags", [reference])]];
}

/** Returns the local name of a platform job, such as `3_0`: the submission's number and an index. */
export function placeOf(path: string, index: number): string {
  return `${basename(path)}_${index}`;
}
