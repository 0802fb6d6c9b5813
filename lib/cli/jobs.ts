/**
 * The `jobs` command: lists the jobs of this folder with their states.
 *
 * @module
 */

import { jobsTable } from "../job/jobs_table.ts";
import { jobFolder, STORE } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { readState } from "../job_dir/state.ts";
import { listJobs } from "../job_dir/find.ts";
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
  const ids = listJobs();
  const jobs = ids.map(jobRow);
  if (flags.json) await print(jobs.map((job) => JSON.stringify(job) + "\n").join(""));
  else if (jobs.length === 0) say(`There are no jobs in ${STORE}`);
  else await printLayout(jobsTable(jobs, forStdout()) + "\n");
  return EXIT.done.status;
}

function jobRow(id: string) {
  const folder = jobFolder(id);
  const record = readRecord(folder);
  const { state, counts } = readState(folder, record);
  const { name, engine, started } = record;
  return { id, name, state, engine, ...counts, started };
}
