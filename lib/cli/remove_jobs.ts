/**
 * The part that the commands `rm` and `clean` share: show jobs, ask, and remove them.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { deleteJob } from "../job/files/remove.ts";
import { jobsTable } from "../job/inspect/jobs_table.ts";
import type { JobEntry } from "../job/inspect/select_jobs.ts";
import { DiskUsage } from "../job_dir/disk_usage.ts";
import { jobFolder } from "../job_dir/layout.ts";
import { counted } from "../util/text/counted.ts";
import { sizeText } from "../util/text/size_text.ts";
import { askUser, YES_FLAG } from "./ask.ts";
import { EXIT } from "./exit_status.ts";
import { type JsonError, printJson } from "./json_output.ts";
import type { RemoveJson } from "./json_types.ts";
import { forStdout, JSON_FLAG, printLayout, say } from "./output.ts";

/** The flags of commands that remove jobs. */
export const REMOVE_FLAGS: readonly OptionSpec[] = [
  YES_FLAG,
  {
    name: "force",
    short: "f",
    type: "boolean",
    default: false,
    doc: "Also remove jobs whose tasks on other machines cannot be ended, and jobs of a later " +
      "version of dl_jobs.",
  },
  { name: "dry_run", type: "boolean", default: false, doc: "Show the jobs, and remove nothing." },
  JSON_FLAG,
];

/**
 * Removes jobs, after a question. A job that cannot be removed does not keep the others.
 *
 * @returns the exit status: 1 when a job was not removed.
 */
export async function removeJobs(
  jobs: readonly JobEntry[],
  { yes, force, dry_run, json }: Readonly<Record<string, unknown>>,
): Promise<number> {
  const usage = new DiskUsage();
  const sized = jobs.map((job) => ({ ...job, bytes: usage.add(jobFolder(job.id)) }));
  const bytes = sized.reduce((sum, job) => sum + job.bytes, 0);
  if (!json && sized.length > 0) await printLayout(jobsTable(sized, forStdout()) + "\n");
  const removal = `${counted(sized.length, "job")}, which frees ${sizeText(bytes)}`;
  if (dry_run || sized.length === 0) {
    if (json) await printJson<RemoveJson>({ removed: [], jobs: sized, bytes });
    else say(dry_run ? `Would remove ${removal}` : "No job matches: nothing was removed");
    return EXIT.done.status;
  }
  if (!yes && !await askUser(`Remove ${removal}?`, "remove the jobs")) {
    if (json) await printJson<RemoveJson>({ removed: [], jobs: sized, bytes: 0 });
    say("Nothing was removed");
    return EXIT.done.status;
  }
  const removed = await removeEach(sized, force === true);
  const freed = removed.reduce((sum, job) => sum + job.bytes, 0);
  const error = notRemoved(sized.length - removed.length);
  if (json) await printJson<RemoveJson>({ removed, jobs: sized, bytes: freed }, error);
  else say(`Removed ${counted(removed.length, "job")}: ${sizeText(freed)} freed`);
  return (error ? EXIT.failed : EXIT.done).status;
}

function notRemoved(count: number): JsonError | undefined {
  if (count === 0) return undefined;
  return { code: "not_removed", message: `${counted(count, "job")} could not be removed` };
}

async function removeEach<J extends JobEntry>(jobs: readonly J[], isForced: boolean): Promise<J[]> {
  const removed: J[] = [];
  for (const job of jobs) {
    try {
      await deleteJob(jobFolder(job.id), { isForced, warn: say });
      removed.push(job);
    } catch (error) {
      say(`Error: ${(error as Error).message}`);
    }
  }
  return removed;
}
