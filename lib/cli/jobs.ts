/**
 * The `jobs` command: which jobs there are in this folder, and how they stand.
 *
 * @module
 */

import { listJobs, readRecord, readState, STORE } from "../store.ts";
import type { Call, Command } from "./_args.ts";
import { forStdout, jobsTable, JSON_FLAG, print } from "./_jobs.ts";

/** `dl_jobs jobs`. */
export const jobsCommand: Command = {
  name: "jobs",
  usage: "jobs [options]",
  doc: "List the jobs of this folder: id, name, state, counts, age.",
  options: [JSON_FLAG],
  config: false,
  run: runJobs,
};

async function runJobs({ flags }: Call): Promise<number> {
  const ids = await listJobs();
  const jobs = await Promise.all(ids.map(describe));
  if (flags.json) await print(jobs.map((job) => JSON.stringify(job) + "\n").join(""));
  else if (jobs.length === 0) console.error(`There are no jobs in ${STORE}`);
  else await print(jobsTable(jobs, forStdout()) + "\n");
  return 0;
}

async function describe(id: string) {
  const folder = `${Deno.cwd()}/${STORE}/${id}`;
  const record = await readRecord(folder);
  const { state, counts } = await readState(folder, record);
  return {
    id,
    name: record.name,
    state,
    engine: record.engine,
    ...counts,
    started: record.started,
  };
}
