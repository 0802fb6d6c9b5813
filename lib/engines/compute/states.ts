/**
 * The states of platform jobs: which ones have ended.
 *
 * @module
 */

import type { ComputePart } from "./compute_part.ts";
import { ENDS, OPEN, type Platform, type PlatformJob } from "./platform.ts";

// After this number of polls without an end, platform jobs that are missing are looked for.
const MISSING_POLLS = 5;

/** Asks the platform which of its jobs have ended. */
export class PlatformStates {
  #idle = 0;

  /**
   * Creates the states of one job.
   *
   * @param platform the platform that is asked
   */
  constructor(readonly platform: Pick<Platform, "jobs">) {}

  /** Records the end in each part whose platform job has ended or is gone, and returns these parts. */
  async update(parts: Iterable<ComputePart>): Promise<ComputePart[]> {
    const byId = new Map(Array.from(parts, (part) => [part.job, part]));
    // Jobs that have not ended are in the answer only when missing ones are looked for.
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
