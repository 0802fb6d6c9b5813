/**
 * Queries for platform jobs that have ended.
 *
 * @module
 */

import type { ComputePart } from "./compute_part.ts";
import type { Platform } from "./platform.ts";
import { ENDS, OPEN, type PlatformJob } from "./records.ts";

// The number of polls without an ended job after which a poll also looks for missing jobs.
const MISSING_POLLS = 5;

/** Asks the platform which of its jobs have ended. */
export class PlatformStates {
  #idle = 0;

  /**
   * Creates a query for the platform jobs of one job.
   *
   * @param platform the platform to query
   */
  constructor(readonly platform: Pick<Platform, "jobs" | "job">) {}

  /** Records the end of platform jobs that have ended or are missing, and returns their parts. */
  async update(parts: Iterable<ComputePart>): Promise<ComputePart[]> {
    const open = Array.from(parts).filter(({ ended }) => ended === undefined);
    const byId = new Map(open.map((part) => [part.job, part]));
    // Requests open jobs only in polls for missing jobs, because open jobs make the response
    // longer.
    const isLookingFor = this.#idle >= MISSING_POLLS;
    const statuses = isLookingFor ? [...ENDS, ...OPEN] : ENDS;
    const jobs: FoundJob[] = await this.platform.jobs([...byId.keys()], statuses);
    if (isLookingFor) jobs.push(...await this.#missing(byId, jobs));
    const ended = jobs.flatMap((job) => withEnd(byId, job));
    this.#idle = isLookingFor || ended.length > 0 ? 0 : this.#idle + 1;
    return ended;
  }

  /**
   * Asks for each job that a list has omitted, because a list may be incomplete while its jobs
   * change. A job that does not exist is returned as gone, and one whose answer has no status is not.
   */
  async #missing(
    parts: ReadonlyMap<string, ComputePart>,
    jobs: readonly FoundJob[],
  ): Promise<FoundJob[]> {
    const known = new Set(jobs.map(({ id }) => id));
    const missing = [...parts.keys()].filter((id) => !known.has(id));
    return await Promise.all(missing.map(async (id) => await this.platform.job(id) ?? gone(id)));
  }
}

/** A job, or only the id of a job that the platform no longer has. */
type FoundJob = PlatformJob | { readonly id: string; readonly isGone: true };

function gone(id: string): FoundJob {
  return { id, isGone: true };
}

function withEnd(
  parts: ReadonlyMap<string, ComputePart>,
  job: FoundJob,
): ComputePart[] {
  const part = parts.get(job.id), isGone = "isGone" in job;
  if (!part || part.ended || !(isGone || ENDS.includes(job.status))) return [];
  part.ended = { job: isGone ? undefined : job };
  return [part];
}
