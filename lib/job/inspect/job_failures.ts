/**
 * The failures of a recorded job, grouped by kind.
 *
 * @module
 */

import { assertList } from "../../job_dir/health.ts";
import { jobFiles, jobIdOf } from "../../job_dir/layout.ts";
import { ListLines } from "../../job_dir/list_lines.ts";
import { readRecord } from "../../job_dir/record.ts";
import { FailureGroups, groupFinder, type KindGroup } from "../../journal/failure_groups.ts";
import { readFailures } from "../../journal/failures.ts";
import type { TaskError } from "../../journal/format.ts";
import { UsageError } from "../../util/errors.ts";
import { counted } from "../../util/text/counted.ts";

/** The failures of a job. */
export interface JobFailures {
  /** The groups, largest first. */
  readonly groups: readonly KindGroup[];
  /** The number of failures whose kinds are beyond the limit of groups. */
  readonly more: number;
}

/**
 * Reads the final failures of a job, grouped by kind. The order of the groups is the same as long as
 * the journal is.
 *
 * @param folder the job's folder
 */
export async function jobFailures(folder: string): Promise<JobFailures> {
  const groups = new FailureGroups();
  for await (const event of readFailures(jobFiles(folder).events, readRecord(folder).id)) {
    groups.add(event);
  }
  return { groups: groups.list(), more: groups.more };
}

/**
 * Returns the filter of `retry` that selects groups by their numbers, from 1.
 *
 * @throws {UsageError} when the job has no group with such a number.
 */
export async function groupFilter(
  folder: string,
  numbers: readonly number[],
): Promise<(error: TaskError) => boolean> {
  const { groups } = await jobFailures(folder);
  const unknown = numbers.find((number) => groups[number - 1] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot find group ${unknown}: the failures have ${counted(groups.length, "group")}, see ` +
        "dl_jobs errors",
    );
  }
  const find = groupFinder(groups);
  return (error) => numbers.includes(find(error) + 1);
}

/**
 * Returns the number of the group of a task's failure, from 1.
 *
 * @throws {UsageError} when the task has not failed.
 */
export async function groupOfTask(folder: string, id: number): Promise<number> {
  const { groups } = await jobFailures(folder), find = groupFinder(groups);
  for await (const event of readFailures(jobFiles(folder).events, readRecord(folder).id)) {
    if (event.id === id) return find(event.error) + 1;
  }
  throw new UsageError(`Cannot find the failure of task ${id}: it has not failed`);
}

/**
 * Reads the arguments of tasks, as the texts of their lines in the list.
 *
 * @returns the texts. That of a task beyond the end of the list is empty.
 * @throws {Error} when a text is missing because the list is damaged.
 */
export async function argsOfTasks(folder: string, ids: readonly number[]): Promise<string[]> {
  const record = readRecord(folder);
  using lines = await ListLines.open(folder, record);
  const texts = ids.map((id) => lines.at(id));
  if (texts.includes(undefined)) await assertList(folder, record);
  return texts.map((text = "") => text);
}

/**
 * Reads the arguments of a task as JSON.
 *
 * @throws {UsageError} when the list has no such task.
 */
export async function argsOfTask(folder: string, task: number): Promise<string> {
  const [args] = await argsOfTasks(folder, [task]);
  if (args) return args;
  throw new UsageError(`Cannot find task ${task}: the list of job ${jobIdOf(folder)} is shorter`);
}
