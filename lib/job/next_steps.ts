/**
 * The steps to take after the end of a job.
 *
 * @module
 */

import type { JobRecord, ListSource } from "../job_dir/record.ts";
import { shownPath } from "../util/paths.ts";

/** The numbers of tasks that determine the next steps. */
interface StepCounts {
  readonly failed: number;
  /** The number of failed tasks whose elements cannot be used. @default {0} */
  readonly invalid?: number | undefined;
  /** True when tasks are pending. */
  readonly isOpen: boolean;
}

/**
 * Returns the command that resumes or retries a job; `undefined` when neither can help. It names the
 * id, because another job may be the newest one when the user types it.
 */
export function nextCommand(
  { id }: Pick<JobRecord, "id">,
  { failed, invalid = 0, isOpen }: StepCounts,
): string | undefined {
  if (isOpen) return `dl_jobs resume ${id}`;
  // A later attempt would read the same element.
  return failed > invalid ? `dl_jobs retry ${id}` : undefined;
}

/**
 * Returns the steps to take after the end of a job: commands, and the advice for elements that cannot
 * be used.
 */
export function nextSteps(
  record: Pick<JobRecord, "id" | "source">,
  counts: StepCounts,
): string[] {
  const { failed, invalid = 0 } = counts;
  return [
    failed > 1 ? `dl_jobs errors ${record.id}` : undefined,
    nextCommand(record, counts),
    invalid > 0 ? `mend ${listName(record.source)}, then start a new job with --reuse` : undefined,
  ].filter((step) => step !== undefined);
}

/** Names the file of a list, or the list. */
function listName(source: ListSource): string {
  const files = source.kind === "file" ? [source] : source.kind === "files" ? source.files : [];
  return files.length === 1 && files[0]!.glob === undefined
    ? shownPath(files[0]!.path)
    : "the list";
}
