/**
 * The `clean` command: removes the jobs that are no longer needed.
 *
 * @module
 */

import { isSelected, jobEntries, type JobEntry } from "../job/inspect/select_jobs.ts";
import { removeLeftovers } from "../job/files/remove.ts";
import { ENDED_STATES } from "../job_dir/job_index.ts";
import { counted } from "../util/text/counted.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { FILTER_FLAGS, filterOf, pastTime } from "./job_filters.ts";
import { say } from "./output.ts";
import { REMOVE_FLAGS, removeJobs } from "./remove_jobs.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs clean`. */
export const cleanCommand: Command = {
  name: "clean",
  usage: "clean [options]",
  doc: `${SUMMARIES.clean} A job that runs is never removed, and one that was interrupted only ` +
    "with --state interrupted. Files of results outside their folders stay.",
  examples: ["dl_jobs clean --older-than 30d", "dl_jobs clean --state succeeded --keep 10 --yes"],
  options: [
    {
      name: "older_than",
      type: "text",
      label: "TIME",
      default: null,
      example: "30d",
      doc: "Only jobs that ended before this time, such as 30d or 2026-11-30.",
    },
    {
      name: "keep",
      type: "integer",
      default: null,
      example: "10",
      min: 0,
      doc: "Keep the newest N jobs, whatever their state.",
    },
    ...FILTER_FLAGS,
    ...REMOVE_FLAGS,
  ],
  run: runClean,
};

async function runClean({ positional, flags }: Call): Promise<number> {
  const { older_than, keep } = flags, filter = filterOf(flags);
  if (positional.length > 0) {
    throw new UsageError(
      `Cannot clean "${positional[0]}": dl_jobs rm removes jobs by their ids and names`,
    );
  }
  if (older_than === null && keep === null && !filter.states && filter.name === undefined) {
    throw new UsageError(
      "Cannot clean: nothing says which jobs are old, write --older-than 30d, --keep 10 or " +
        "--state failed",
    );
  }
  const jobs = jobEntries(), old = jobs.slice(0, Math.max(0, jobs.length - Number(keep ?? 0)));
  const before = pastTime(older_than, "--older-than");
  const matching = old.filter((job) => isSelected(job, { ...filter, before }));
  // The rest of an interrupted job can still run.
  const chosen = matching.filter(({ state }) => (filter.states ?? ENDED_STATES).includes(state));
  sayKept(matching.filter((job) => !chosen.includes(job)));
  // Their removal was confirmed before.
  if (!flags.dry_run) await removeLeftovers(say);
  return await removeJobs(chosen.filter(({ state }) => state !== "running"), flags);
}

/** Names the states of jobs that stay only because of their states. */
function sayKept(jobs: readonly JobEntry[]): void {
  const states = Map.groupBy(jobs, ({ state }) => state);
  for (const [state, { length }] of states) {
    if (state !== "running") say(`Kept ${counted(length, `${state} job`)}: see --state ${state}`);
  }
}
