/**
 * Facts about a job for its status, from its record and its journal.
 *
 * @module
 */

import { jobFiles } from "../../job_dir/layout.ts";
import type { Holder } from "../../job_dir/lock.ts";
import { type JobRecord, programsOf } from "../../job_dir/record.ts";
import { readFailures } from "../../journal/failures.ts";
import type { JournalState } from "../../journal/state.ts";
import { type CommonError, TaskStats } from "../report/task_stats.ts";

/**
 * Returns the time that a job has worked, in milliseconds, without the pauses between its runs.
 *
 * @param holder the process that runs the job now
 * @returns `undefined` when its only run was killed, whose end is unknown
 */
export function workTime(
  { ms, started, ended }: JobRecord,
  holder: Holder | undefined,
): number | undefined {
  if (holder) return Math.max(0, (ms ?? 0) + Date.now() - Date.parse(holder.since));
  // Earlier versions recorded no times of runs.
  return ms ?? (ended === undefined ? undefined : Date.parse(ended) - Date.parse(started));
}

/** The code that a job runs. */
export interface CodeVersion {
  /** The hash of the program that contains the function. */
  readonly hash: string;
  /** The Git revision that was checked out when the program was built. @default {unknown} */
  readonly revision?: string | undefined;
}

/** Returns the version of the code that a job runs. */
export function codeVersion(record: JobRecord): CodeVersion {
  const { hash, revision } = programsOf(record).at(-1)!;
  return { hash, revision };
}

/** Formats the version of the code, with the first digits of each hash. */
export function codeText({ hash, revision }: CodeVersion): string {
  return hash.slice(0, 12) + (revision === undefined ? "" : `, at Git ${revision.slice(0, 12)}`);
}

/** The most common errors of a job. While it runs, they are read again only after more failures. */
export class TopErrors {
  #failed = 0;
  #errors: readonly CommonError[] = [];

  /**
   * Returns the most common errors of the failed tasks.
   *
   * @param states the states of the tasks in the journal of a job that runs. @default {read again}
   */
  async of(
    folder: string,
    { id }: JobRecord,
    states?: JournalState,
  ): Promise<readonly CommonError[]> {
    if (states?.failed === this.#failed) return this.#errors;
    const stats = new TaskStats(), { events } = jobFiles(folder);
    for await (const event of readFailures(events, id, states)) stats.fail(event);
    this.#failed = states?.failed ?? 0;
    return this.#errors = stats.errors;
  }
}
