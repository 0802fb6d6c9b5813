/**
 * Submits a job to a separate process, which keeps running after this process ends.
 *
 * @module
 */

import { holderOf } from "../../job_dir/lock.ts";
import { jobFiles, jobIdOf } from "../../job_dir/layout.ts";
import { ListFile } from "../../job_dir/list_file.ts";
import { type JobRecord, readRecord, writeRecord } from "../../job_dir/record.ts";
import { Journal } from "../../journal/writer.ts";
import { type TaskList, toTasks } from "../../tasks/source.ts";
import { UsageError } from "../../util/errors.ts";
import { exitStatusOf, type ProcessStatus } from "../../util/process/process_status.ts";
import { writeStdin } from "../../util/process/write_stdin.ts";
import { selfCommand } from "../../worker/command.ts";
import { keepEnv, readEnv } from "../options/env_values.ts";
import { ListValues } from "../list/list_values.ts";
import { writeGlobCopies } from "../list/glob_copies.ts";
import { addProgram, newFolder } from "./job_folder.ts";
import { noticeTo } from "./notices.ts";
import { sameFolderCheck } from "./start.ts";
import type { Startable } from "../options/options.ts";
import { planOnly } from "../plan/new_plan.ts";
import type { RunPlan } from "../plan/plan.ts";

const POLL_MS = 10;
/** The exit status of a usage error. */
const WRONG_USAGE = 2;

/**
 * Submits a job to the configured engine, and returns as soon as another process is running the
 * job. A list that can be read only once is first written to the job's folder.
 *
 * @returns the job's folder.
 * @throws {UsageError} when the job cannot be planned, or its process does not start.
 */
export async function submitJob(job: Startable): Promise<string> {
  const checkFolder = sameFolderCheck();
  const plan = await planOnly(job, { overrides: { isDev: false, platformJob: true } });
  checkFolder();
  await writePlan(plan);
  keepEnv(plan.folder, plan.settings.config.env);
  await startProcess(plan.folder);
  return plan.folder;
}

/** Creates the folder of a job that has been planned but has not started. */
async function writePlan(plan: RunPlan): Promise<void> {
  const { folder, record, list } = plan;
  using _lock = await newFolder(folder, async () => {
    await writeGlobCopies(plan);
    addProgram(plan);
    Journal.create(jobFiles(folder).events, record.id)[Symbol.dispose]();
    // The process that runs the job can reopen any list except a stream.
    const kept = record.source.kind === "stream" ? await writeList(plan, list!) : {};
    // The record is written last, because a folder without a record is not a job.
    writeRecord(folder, { ...record, ...kept });
  });
}

async function writeList(
  plan: RunPlan,
  list: TaskList,
): Promise<Pick<JobRecord, "length" | "isRead">> {
  using file = new ListFile(plan.folder, plan.record.id), values = new ListValues(plan);
  const notice = noticeTo(plan.reporter, "list");
  const onNonFinite = (path: string) => values.add(path);
  let length = 0;
  for await (const batch of toTasks(list, { notice, onNonFinite })) {
    file.append({ id: length, count: batch.count, bytes: batch.bytes });
    length += batch.count;
  }
  file.sync();
  return { length, isRead: true };
}

/**
 * Starts a process that resumes a job, and waits until the process has locked the job.
 *
 * @param folder the job's folder
 * @param command the command to run; `retry` also runs failed tasks again. @default {"resume"}
 * @param flags further flags of the command. @default {none}
 * @throws {UsageError} when the process fails before it locks the job.
 */
export async function startProcess(
  folder: string,
  command: "resume" | "retry" = "resume",
  flags: readonly string[] = [],
): Promise<void> {
  const id = jobIdOf(folder), env = await readEnv(folder, readRecord(folder));
  const process = new Deno.Command(Deno.execPath(), {
    args: selfCommand([command, id, ...flags, "--env-file", "-"]),
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // The process must keep running when this terminal closes or receives Ctrl-C.
    detached: true,
  }).spawn();
  process.unref();
  // Other users can read a command line, and the workers would inherit the environment.
  await writeStdin(process, JSON.stringify(env));
  let end: ProcessStatus | undefined;
  exitStatusOf(process).then((status) => end = status);
  while (holderOf(folder)?.pid !== process.pid) {
    if (end) return checkEnd(folder, `${command} ${id}`, end);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Checks the outcome of a process that ended before its lock was observed. A short job may already
 * have ended.
 */
function checkEnd(folder: string, command: string, { code }: ProcessStatus): void {
  const { id, ended } = readRecord(folder);
  if (code !== WRONG_USAGE && ended !== undefined) return;
  throw new UsageError(`Cannot start job ${id}: run dl_jobs ${command} to see why`);
}
