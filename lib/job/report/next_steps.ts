/**
 * The steps to take after the end of a job.
 *
 * @module
 */

import type { JobRecord, ListSource } from "../../job_dir/record.ts";
import { shownPath } from "../../util/paths.ts";
import type { CommonError } from "./task_stats.ts";
import { memoryFlag } from "./usage_stats.ts";

/** The numbers of tasks that determine the next steps. */
interface StepCounts {
  readonly failed: number;
  /** The number of failed tasks whose elements cannot be used. @default {0} */
  readonly invalid?: number | undefined;
  /** True when tasks are pending. */
  readonly isOpen: boolean;
  /** The most common errors of the failed tasks. @default {none} */
  readonly errors?: readonly CommonError[] | undefined;
}

/** The facts about a job that determine the next steps. */
type StepJob = Pick<JobRecord, "id" | "source"> & {
  readonly options: Partial<JobRecord["options"]>;
};

/**
 * Returns the command that resumes or retries a job; `undefined` when neither can help. It names the
 * id, because another job may be the newest one when the user types it.
 */
export function nextCommand(
  { id, options }: Omit<StepJob, "source">,
  { failed, invalid = 0, isOpen, errors = [] }: StepCounts,
): string | undefined {
  if (isOpen) return `dl_jobs resume ${id}`;
  // A later attempt would read the same element.
  if (failed <= invalid) return undefined;
  // With the same limit, a task that reached it would fail again.
  const isShort = errors.some((error) => error.class === "oom") && options.memory;
  return `dl_jobs retry ${id}${isShort ? ` ${memoryFlag(2 * isShort)}` : ""}`;
}

/**
 * Returns the steps to take after the end of a job: commands, and the advice for elements that cannot
 * be used.
 */
export function nextSteps(
  record: StepJob,
  counts: StepCounts,
): string[] {
  const { failed, invalid = 0 } = counts;
  return [
    failed > 1 ? `dl_jobs errors ${record.id}` : undefined,
    nextCommand(record, counts),
    invalid > 0 ? `fix ${listName(record.source)}, then start a new job with --reuse` : undefined,
  ].filter((step) => step !== undefined);
}

/** Names the file of a list, or the list. */
function listName(source: ListSource): string {
  const files = source.kind === "file" ? [source] : source.kind === "files" ? source.files : [];
  return files.length === 1 && files[0]!.glob === undefined
    ? shownPath(files[0]!.path)
    : "the list";
}
