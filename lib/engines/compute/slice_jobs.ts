/**
 * The platform jobs of the slices of one request.
 *
 * @module
 */

import type { Platform } from "./platform.ts";
import type { PlatformJob } from "./records.ts";

/** The jobs of a request, as the platform lists them. */
export interface ListedJobs {
  /** The jobs, whose arguments the platform may omit. */
  readonly rows: readonly PlatformJob[];
  /** The number of jobs in the request. */
  readonly count: number;
  /** True when the rows are in the order of the request, if the platform keeps this order. */
  readonly isInOrder: boolean;
}

/** The jobs of the slices of a request. */
export interface SliceJobs {
  /** The id of each slice's job, with an empty string for a missing job. */
  readonly jobs: readonly string[];
  /** True when the ids are in the order of the platform's answer, which may be another order. */
  readonly isGuess: boolean;
}

/** Returns the id of each job of a request, by the jobs' first arguments; `undefined` without them. */
export function idsByIndex({ rows, count }: ListedJobs): string[] | undefined {
  const ids = new Array<string>(count).fill("");
  for (const { id, args } of rows) {
    const index = args?.[0];
    // A second job with the same index belongs to another request.
    if (!(typeof index === "number" && ids[index] === "")) return undefined;
    ids[index] = id;
  }
  return ids;
}

/**
 * Finds the id of each job of a request. Asks for single jobs when the rows omit the arguments.
 *
 * @returns `undefined` when the platform does not tell which job is which.
 */
export async function findIds(
  platform: Pick<Platform, "job">,
  listed: ListedJobs,
): Promise<SliceJobs | undefined> {
  const { rows, count, isInOrder } = listed;
  const known = idsByIndex(listed) ?? await askedIds(platform, listed);
  if (known) return { jobs: known, isGuess: false };
  const isWhole = rows.length === count && (isInOrder || count === 1);
  return isWhole ? { jobs: rows.map(({ id }) => id), isGuess: count > 1 } : undefined;
}

async function askedIds(
  platform: Pick<Platform, "job">,
  listed: ListedJobs,
): Promise<string[] | undefined> {
  const rows = await withArgs(platform, listed.rows);
  return rows && idsByIndex({ ...listed, rows });
}

/** Asks for each job by its id; returns `undefined` when the answers have no arguments, either. */
async function withArgs(
  platform: Pick<Platform, "job">,
  rows: readonly PlatformJob[],
): Promise<PlatformJob[] | undefined> {
  const [first, ...others] = rows.filter(({ args }) => !args);
  const asked = first && await platform.job(first.id);
  if (!asked?.args) return undefined;
  const more = await Promise.all(others.map(async (row) => await platform.job(row.id) ?? row));
  return [...rows.filter(({ args }) => args), asked, ...more];
}
