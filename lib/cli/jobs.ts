/**
 * The `jobs` command: lists the jobs of this folder with their states.
 *
 * @module
 */

import { jobsTable } from "../job/inspect/jobs_table.ts";
import { isSelected, type JobEntry, sizedEntries } from "../job/inspect/select_jobs.ts";
import { STORE } from "../job_dir/layout.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { FILTER_FLAGS, filterOf, pastTime } from "./job_filters.ts";
import { printJson } from "./json_output.ts";
import type { JobsJson } from "./json_types.ts";
import { forStdout, JSON_FLAG, printLayout, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs jobs`. */
export const jobsCommand: Command = {
  name: "jobs",
  usage: "jobs [options]",
  doc: SUMMARIES.jobs,
  examples: ["dl_jobs jobs", "dl_jobs jobs --state failed,interrupted --since 2d"],
  options: [
    ...FILTER_FLAGS,
    {
      name: "since",
      type: "text",
      label: "TIME",
      default: null,
      example: "2d",
      doc: "Only jobs that started since this time, such as 12h, 2d or 2026-11-30.",
    },
    {
      name: "limit",
      short: "n",
      type: "integer",
      default: null,
      example: "20",
      min: 1,
      doc: "Only the newest N jobs.",
    },
    JSON_FLAG,
  ],
  run: runJobs,
};

async function runJobs({ positional: [extra], flags }: Call): Promise<number> {
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot list "${extra}": write --state or --name to choose jobs, or dl_jobs status ${extra} ` +
        "for one job",
    );
  }
  const filter = { ...filterOf(flags), since: pastTime(flags.since, "--since") };
  const { all, jobs } = sizedEntries((all) => {
    const found = all.filter((job) => isSelected(job, filter));
    return flags.limit === null ? found : found.slice(-Number(flags.limit));
  });
  warnOfDamage(jobs);
  if (flags.json) await printJson<JobsJson>({ jobs });
  else if (jobs.length > 0) await printLayout(jobsTable(jobs, forStdout()) + "\n");
  else say(all.length === 0 ? `There are no jobs in ${STORE}` : noneOf(all.length));
  return EXIT.done.status;
}

function warnOfDamage(jobs: readonly JobEntry[]): void {
  for (const { id, damage, isNewer } of jobs) {
    if (damage === undefined) continue;
    say(isNewer ? `Warning: ${damage}` : `Warning: job ${id} is damaged: ${damage}`);
  }
}

function noneOf(count: number): string {
  return count === 1 ? "The job is not among these" : `None of the ${count} jobs matches`;
}
