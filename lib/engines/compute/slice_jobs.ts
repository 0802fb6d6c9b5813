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

/** Returns the id of each job of a request, by the jobs' first arguments; `undefined` without them. */
export function idsByIndex({ rows, count }: ListedJobs): string[] | undefined {
  const ids = new Array<string>(count).fill("");
  for (const { id, args } of rows) {
    const index = args?.[0];
    if (!(typeof index === "number" && index in ids)) return undefined;
    ids[index] = id;
  }
  return ids;
}

/**
 * Finds the id of each job of a request. Asks for single jobs when the rows omit the arguments.
 *
 * @returns the ids, with an empty string for a missing job; `undefined` when the platform does not
 * tell which job is which.
 */
export async function findIds(
  platform: Pick<Platform, "job">,
  listed: ListedJobs,
): Promise<string[] | undefined> {
  const known = idsByIndex(listed);
  if (known) return known;
  const rows = await withArgs(platform, listed.rows);
  if (rows) return idsByIndex({ ...listed, rows });
  const isWhole = listed.isInOrder && listed.rows.length === listed.count;
  return isWhole ? listed.rows.map(({ id }) => id) : undefined;
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
