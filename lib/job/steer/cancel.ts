/**
 * Cancels a job that another process is running or whose process has died.
 *
 * @module
 */

import { loadEngine } from "../../engines/mod.ts";
import { jobFiles, jobIdOf } from "../../job_dir/layout.ts";
import { type Holder, holderOf, isPidHere, JobLock } from "../../job_dir/lock.ts";
import { type JobCounts, readRecord, writeRecord } from "../../job_dir/record.ts";
import { readState } from "../../job_dir/state.ts";
import { UsageError } from "../../util/errors.ts";
import { checkTrusted } from "../../util/files/trust.ts";

const POLL_MS = 50;
// The first SIGTERM lets running tasks finish, and the second ends them, within `grace`. SIGKILL
// follows if the process is still running `KILL_MS` milliseconds later.
const KILL_MS = 5000, GIVE_UP_MS = 10_000;
// A process on another machine notices the cancellation when it next polls the scheduler.
const FAR_MS = 90_000;

/** The outcome of a cancellation. */
export interface Canceled {
  /** The job's id. */
  readonly id: string;
  /** True when a process was running the job. */
  readonly wasRunning: boolean;
  /** True when no process was running the job, and the rest of its tasks was canceled. */
  readonly wasInterrupted: boolean;
  readonly counts: JobCounts;
}

/**
 * Cancels a job: ends its running tasks and keeps its results.
 *
 * @param folder the job's folder
 * @throws {UsageError} when the job's process cannot be signaled from here, or is still running 10 seconds
 * after `grace` (90 seconds on another machine), or another user could have written the job's record.
 */
export async function cancelJob(folder: string): Promise<Canceled> {
  // The record has the command with which its engine is asked.
  checkTrusted(jobFiles(folder).record);
  const wasRunning = holderOf(folder) !== undefined;
  const { engine, options: { grace } } = readRecord(folder);
  const { cancel, followsCancel = false } = await loadEngine(engine);
  // Other engines end their work on other machines themselves, when their process ends.
  const isCalled = !wasRunning || followsCancel;
  const [ended] = await Promise.allSettled([isCalled ? cancel?.(folder) : undefined]);
  // The process also ends when this one cannot reach the engine's machines.
  if (wasRunning) await endHolder(folder, grace, followsCancel);
  if (ended.status === "rejected") throw ended.reason;
  const { counts, state } = readState(folder, readRecord(folder));
  const isInterrupted = state === "interrupted";
  if (isInterrupted) await markCanceled(folder);
  return { id: jobIdOf(folder), wasRunning, wasInterrupted: isInterrupted && !wasRunning, counts };
}

/**
 * Marks a job whose process died as canceled, because it would otherwise be listed as interrupted.
 * The lock keeps a process that resumes the job at this moment from losing its record.
 */
async function markCanceled(folder: string): Promise<void> {
  using _lock = await JobLock.take(folder);
  const record = readRecord(folder), { counts } = readState(folder, record);
  if (!record.state) writeRecord(folder, { ...record, state: "canceled", counts }, true);
}

/** @param isTold true when the engine tells a process that this one cannot signal */
async function endHolder(folder: string, grace: number, isTold: boolean): Promise<void> {
  const started = performance.now();
  let sent = 0, holder = holderOf(folder);
  for (; holder; holder = holderOf(folder)) {
    const waited = performance.now() - started;
    const isHere = isPidHere(folder, holder);
    if (!isHere && !isTold && holder.pid > 0) throw cannotEnd(holder, ELSEWHERE);
    if (isHere && holder.pid === Deno.pid) throw cannotEnd(holder, OWN);
    if (waited > grace + (isHere ? GIVE_UP_MS : FAR_MS)) {
      throw cannotEnd(holder, "it is still running");
    }
    // The pid is 0 until the process that holds the lock has written its pid.
    if (isHere && holder.pid > 0 && (sent < 2 || waited > grace + KILL_MS)) {
      send(holder, sent++ < 2 ? "SIGTERM" : "SIGKILL");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const OWN = "it is this process, call cancel() of the run";
const ELSEWHERE = "it is on another machine or in another container, run dl_jobs cancel there";

function send(holder: Holder, signal: Deno.Signal): void {
  try {
    Deno.kill(holder.pid, signal);
  } catch (error) {
    // A process that is not found has probably just ended. If not, the loop times out.
    if (!(error instanceof Deno.errors.NotFound)) throw cannotEnd(holder, (error as Error).message);
  }
}

function cannotEnd({ pid, host }: Holder, reason: string): UsageError {
  return new UsageError(`Cannot end process ${pid} on ${host}: ${reason}`);
}
