/**
 * The `jobs` command: lists the jobs of this folder with their states.
 *
 * @module
 */

import { jobsTable } from "../job/jobs_table.ts";
import { type IndexedJob, JobIndex } from "../job_dir/job_index.ts";
import { jobFolder, STORE } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { readState } from "../job_dir/state.ts";
import { jobIds } from "../job_dir/find.ts";
import { holderOf } from "../job_dir/lock.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { forStdout, JSON_FLAG, print, printLayout, say } from "./output.ts";

/** The command `dl_jobs jobs`. */
export const jobsCommand: Command = {
  name: "jobs",
  usage: "jobs [options]",
  doc: "List the jobs of this folder: id, name, state, counts, age.",
  examples: ["dl_jobs jobs", "dl_jobs jobs --json"],
  options: [JSON_FLAG],
  config: false,
  run: runJobs,
};

async function runJobs({ flags }: Call): Promise<number> {
  const index = new JobIndex();
  const jobs = jobIds().map((id) => index.of(id, () => readJob(id)))
    .filter((job) => job !== undefined);
  index.save();
  if (flags.json) await print(jobs.map((job) => JSON.stringify(job) + "\n").join(""));
  else if (jobs.length === 0) say(`There are no jobs in ${STORE}`);
  else await printLayout(jobsTable(jobs, forStdout()) + "\n");
  return EXIT.done.status;
}

/** Reads the row of a job. A job that another process is just creating has none. */
function readJob(id: string): IndexedJob | undefined {
  const folder = jobFolder(id);
  try {
    const record = readRecord(folder);
    const { state, counts } = readState(folder, record);
    const { name, engine, started } = record;
    return { id, name, state, engine, ...counts, started };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && holderOf(folder)) return undefined;
    say(`Warning: job ${id} is damaged: ${(error as Error).message}`);
    const counts = { total: 0, succeeded: 0, failed: 0 };
    return { id, name: "", state: "damaged", ...counts };
  }
}
