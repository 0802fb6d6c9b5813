/**
 * Lists the jobs of a folder, and selects some of them.
 *
 * @module
 */

import { DiskUsage } from "../../job_dir/disk_usage.ts";
import { jobIds } from "../../job_dir/find.ts";
import { JobIndex } from "../../job_dir/job_index.ts";
import { jobFolder } from "../../job_dir/layout.ts";
import { holderOf } from "../../job_dir/lock.ts";
import { type JobRecord, readRecord } from "../../job_dir/record.ts";
import { type JobState, readState } from "../../job_dir/state.ts";
import { codeOf } from "../../util/errors.ts";
import { type JobRow, NO_JOB_STATE } from "./jobs_table.ts";

/** A job of the list, with the facts that select it. */
export interface JobEntry extends JobRow {
  /** The engine; `undefined` for a damaged job. */
  readonly engine?: JobRecord["engine"] | undefined;
  /** The time of the end, as ISO 8601 text; `undefined` for a job that has not ended. */
  readonly ended?: string | undefined;
  /** The reason that the record cannot be read; `undefined` for a sound job. */
  readonly damage?: string | undefined;
  /** True for a job of a later version of the library, which is not damaged. @default {false} */
  readonly isNewer?: boolean | undefined;
}

/** The jobs to select. A condition that is left out holds for all jobs. */
export interface JobFilter {
  /** The states. */
  readonly states?: readonly JobEntry["state"][] | undefined;
  /** The name, in which `*` matches any characters. */
  readonly name?: string | undefined;
  /** The earliest start, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** The latest end, in milliseconds since 1970; of a job that has not ended, the latest start. */
  readonly before?: number | undefined;
}

/** Lists the jobs of the working directory, oldest first. */
export function jobEntries(): JobEntry[] {
  const index = new JobIndex<JobEntry>(), jobs = entriesIn(index);
  index.save();
  return jobs;
}

/** Lists the jobs of the working directory as {@linkcode jobEntries}, those selected with sizes. */
export function sizedEntries(select: (all: JobEntry[]) => JobEntry[]): SizedEntries {
  const index = new JobIndex<JobEntry>(), all = entriesIn(index), files = new Map();
  const jobs = select(all).map((job) => {
    const bytes = new DiskUsage(files).add(jobFolder(job.id, index.cwd), index.spaceOf(job.id));
    return { ...job, bytes };
  });
  index.save();
  return { all, jobs };
}

/** The selected jobs with their sizes. */
export interface SizedEntries {
  /** All jobs. */
  readonly all: readonly JobEntry[];
  /** The selected jobs. */
  readonly jobs: readonly (JobEntry & { readonly bytes: number })[];
}

function entriesIn(index: JobIndex<JobEntry>): JobEntry[] {
  return jobIds().map((id) => index.of(id, () => jobEntry(id)))
    .filter((job) => job !== undefined);
}

/** Reads the entry of a job. A job that another process is just creating has none. */
export function jobEntry(id: string): JobEntry | undefined {
  const folder = jobFolder(id);
  try {
    const record = readRecord(folder), { name, engine, started } = record;
    const { state, counts, waits, isPartial } = readState(folder, record);
    const ended = endOf(state, record.ended);
    return { id, name, state, waits, engine, ...counts, isPartial, started, ended };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && holderOf(folder)) return undefined;
    const damage = (error as Error).message;
    const isNewer = codeOf(error) === "job_newer" || undefined;
    const counts = { total: 0, succeeded: 0, failed: 0 };
    return { id, name: "", state: NO_JOB_STATE, ...counts, damage, isNewer };
  }
}

/** Returns the time of the end. A job that runs again has that of its last run in its record. */
function endOf(state: JobState, ended: string | undefined): string | undefined {
  return state === "running" || state === "interrupted" ? undefined : ended;
}

/** Returns true when a job meets all conditions of a filter. */
export function isSelected(
  { id, state, name, started, ended }: JobEntry,
  { states, name: pattern, since, before }: JobFilter,
): boolean {
  if (states && !states.includes(state)) return false;
  if (pattern !== undefined && !matchesName(name, pattern)) return false;
  if (since !== undefined && timeOf(id, started) < since) return false;
  return before === undefined || timeOf(id, ended ?? started) <= before;
}

/** Returns a time in milliseconds. The id of a damaged job states when the job was created. */
function timeOf(id: string, text: string | undefined): number {
  if (text !== undefined) return Date.parse(text);
  const [, date = "", time = ""] = /^(\d{8})T(\d{6})-/.exec(id) ?? [];
  const parts = [date.slice(0, 4), date.slice(4, 6), date.slice(6)].join("-");
  return Date.parse(`${parts}T${time.replace(/..(?=.)/g, "$&:")}Z`);
}

function matchesName(name: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}
