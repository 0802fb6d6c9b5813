/**
 * The `rm` command: removes the jobs that it names.
 *
 * @module
 */

import { jobEntries, jobEntry } from "../job/inspect/select_jobs.ts";
import { removeLeftovers } from "../job/files/remove.ts";
import { doubtsAbout, findJob } from "../job_dir/find.ts";
import { jobIdOf } from "../job_dir/layout.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { shellWord } from "../util/shell.ts";
import { EXIT } from "./exit_status.ts";
import { say } from "./output.ts";
import { REMOVE_FLAGS, removeJobs } from "./remove_jobs.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs rm`. */
export const rmCommand: Command = {
  name: "rm",
  usage: "rm JOB... [options]",
  doc: `${SUMMARIES.rm} A job that runs is never removed. Files of results outside their folders ` +
    "stay. JOB is an id, a unique part of one, a name, or last. A name is that of its newest job: " +
    "dl_jobs clean --name removes all jobs of a name.",
  examples: ["dl_jobs rm last", "dl_jobs rm 20261123T062803 20261124T --yes"],
  options: REMOVE_FLAGS,
  run: runRm,
};

async function runRm({ positional, flags }: Call): Promise<number> {
  if (positional.length === 0) {
    throw new UsageError(
      "Cannot remove: no job is named, write dl_jobs rm JOB, or dl_jobs clean for old jobs",
    );
  }
  // What is left of a job that could not be removed completely is no longer listed.
  const left = flags.dry_run ? new Map<string, boolean>() : await removeLeftovers(say);
  const rests = positional.filter((called) => left.has(called));
  const named = positional.filter((called) => !left.has(called));
  for (const id of rests) if (left.get(id)) say(`Removed what was left of job ${id}`);
  const { status: restStatus } = rests.every((id) => left.get(id)) ? EXIT.done : EXIT.failed;
  if (named.length === 0 && !flags.json) return restStatus;
  const ids = new Set(named.map(jobToRemove));
  const jobs = [...ids].map(jobEntry).filter((job) => job !== undefined);
  for (const name of new Set(named)) if (jobs.some((job) => job.name === name)) sayOlder(name);
  return Math.max(restStatus, await removeJobs(jobs, flags));
}

/** Finds the id of a job to remove, which must not be an older job than the user means. */
function jobToRemove(called: string): string {
  const id = jobIdOf(findJob(called)), [doubt] = doubtsAbout(called, id);
  if (doubt === undefined) return id;
  throw new UsageError(`Cannot remove ${called}: ${doubt}; name the job to remove by its id`);
}

/** Tells that a name means only the newest of several jobs. */
function sayOlder(called: string): void {
  const { length } = jobEntries().filter(({ name }) => name === called);
  if (length < 2) return;
  const clean = `dl_jobs clean --name ${shellWord(called)}`;
  say(`${called} is the newest of ${length} jobs with this name: ${clean} removes all of them`);
}
