/**
 * Resumes a job that has run before: runs its pending tasks, and reads the rest of its list.
 *
 * @module
 */

import { loadEngine } from "../../engines/mod.ts";
import { jobFiles, jobIdOf } from "../../job_dir/layout.ts";
import { JobLock } from "../../job_dir/lock.ts";
import { readRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { execute } from "../run/execute.ts";
import { freeJob, movedRecord, type MoveOptions } from "./move.ts";
import { joinSignals, newReporter } from "../plan/plan.ts";
import { type ResumeOptions, resumePlan } from "./resume_plan.ts";
import { runAndReport } from "../run/start.ts";
import type { Summary } from "../report/summary.ts";

/**
 * Resumes a job.
 *
 * @param folder the job's folder
 * @returns the summary of the run.
 * @throws {UsageError} when another process is running the job, the job's list has changed, another
 * user could have written the job's record, or the job cannot move.
 */
export async function resumeJob(folder: string, options: ResumeOptions = {}): Promise<Summary> {
  const { move } = options;
  const isMoving = move !== undefined && await isElsewhere(folder, move);
  if (isMoving) await leaveProcess(folder, move, options);
  // The lock is taken before the record is read, because its current holder may still write the
  // record.
  using lock = await JobLock.take(folder);
  if (isMoving && !move.isNow) {
    const summary = await takeTasksBack(folder, lock, options);
    // A user who ends the move leaves the job where it is, and so do too many failures.
    if (summary && (summary.isHalted || joinSignals(options).stop.aborted)) return summary;
  }
  using ready = await resumePlan(folder, lock, options);
  return await runAndReport(ready.plan, ready.log);
}

async function isElsewhere(folder: string, move: MoveOptions): Promise<boolean> {
  // The record has the command with which its engine is asked.
  checkTrusted(jobFiles(folder).record);
  const record = readRecord(folder);
  return await movedRecord(folder, record, move) !== record;
}

/** Waits for the process that runs a job which moves. */
async function leaveProcess(
  folder: string,
  move: MoveOptions,
  options: ResumeOptions,
): Promise<void> {
  const { options: config } = readRecord(folder);
  const reporter = newReporter({ ...config, ...options.reporter }, undefined);
  const { stop } = joinSignals(options);
  await freeJob(folder, move, { say: (text) => reporter.warn(text), stop });
}

/**
 * Takes the tasks back that the engine of a job has on other machines: those that run may finish.
 *
 * @returns the summary of this run; `undefined` when the engine has no tasks.
 */
async function takeTasksBack(
  folder: string,
  lock: JobLock,
  options: ResumeOptions,
): Promise<Summary | undefined> {
  const { name, given: list } = await loadEngine(readRecord(folder).engine);
  const given = await list?.(folder) ?? [];
  if (given.length === 0) return undefined;
  // The program is the one that these tasks have.
  const own = { retryFilter: undefined, move: undefined, limit: undefined, code: undefined };
  using ready = await resumePlan(folder, lock, { ...options, ...own }, true);
  ready.plan.reporter.warn(`Collecting the tasks that ${name} has; --now gives them up`);
  try {
    return await execute({ ...ready.plan, given, list: undefined });
  } catch (error) {
    throw cannotCollect(folder, name, error as Error);
  }
}

function cannotCollect(folder: string, engine: string, cause: Error): UsageError {
  return new UsageError(
    `Cannot move job ${jobIdOf(folder)}: its tasks on ${engine} cannot be collected, ` +
      `pass --now to give them up (${cause.message})`,
    { cause },
  );
}
