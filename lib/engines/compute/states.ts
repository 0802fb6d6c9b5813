/**
 * Queries for platform jobs that have ended.
 *
 * @module
 */

import type { ComputePart } from "./compute_part.ts";
import { ENDS, OPEN, type Platform, type PlatformJob } from "./platform.ts";

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
  constructor(readonly platform: Pick<Platform, "jobs">) {}

  /** Records the end of platform jobs that have ended or are missing, and returns their parts. */
  async update(parts: Iterable<ComputePart>): Promise<ComputePart[]> {
    const byId = new Map(Array.from(parts, (part) => [part.job, part]));
    // Requests open jobs only in polls for missing jobs, because open jobs make the response
    // longer.
    const isLookingFor = this.#idle >= MISSING_POLLS;
    const statuses = isLookingFor ? [...ENDS, ...OPEN] : ENDS;
    const jobs = await this.platform.jobs([...byId.keys()], statuses);
    const ended = jobs.filter(({ status }) => ENDS.includes(status))
      .map((job) => withEnd(byId.get(job.id)!, job));
    if (isLookingFor) ended.push(...missing(byId, jobs));
    this.#idle = isLookingFor || ended.length > 0 ? 0 : this.#idle + 1;
    return ended;
  }
}

function missing(
  parts: ReadonlyMap<string, ComputePart>,
  jobs: readonly PlatformJob[],
): ComputePart[] {
  const known = new Set(jobs.map(({ id }) => id));
  return [...parts.values()].filter(({ job }) => !known.has(job))
    .map((part) => withEnd(part, undefined));
}

function withEnd(part: ComputePart, job: PlatformJob | undefined): ComputePart {
  part.ended = { job };
  return part;
}
