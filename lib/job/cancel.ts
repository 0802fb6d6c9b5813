/**
 * Cancels a job that another process runs, or that has died.
 *
 * @module
 */

import { loadEngine } from "../engines/mod.ts";
import { type Holder, holderOf } from "../job_dir/lock.ts";
import { type JobCounts, readRecord, writeRecord } from "../job_dir/record.ts";
import { readState } from "../job_dir/state.ts";
import { UsageError } from "../util/errors.ts";

const POLL_MS = 50;
// The first SIGTERM lets running tasks finish, the second one ends them. SIGKILL follows when the
// process is still there after `KILL_MS`.
const KILL_MS = 5000, GIVE_UP_MS = 10_000;
// A process on another machine sees the cancellation at the next poll of its scheduler.
const FAR_MS = 90_000;

/** The outcome of a cancellation. */
export interface Canceled {
  /** The job's id. */
  readonly id: string;
  /** True when a process ran the job. */
  readonly wasRunning: boolean;
  readonly counts: JobCounts;
}

/**
 * Cancels a job: running tasks are ended, and results are kept.
 *
 * @param folder the job's folder
 * @throws {UsageError} when its process cannot be ended from here.
 */
export async function cancelJob(folder: string): Promise<Canceled> {
  const wasRunning = holderOf(folder) !== undefined;
  const { engine } = readRecord(folder);
  await (await loadEngine(engine)).cancel?.(folder);
  if (wasRunning) await endHolder(folder);
  const record = readRecord(folder);
  const { counts, state } = readState(folder, record);
  // A job that died is marked as canceled too, so that it does not look like one to resume.
  if (state === "interrupted") writeRecord(folder, { ...record, state: "canceled", counts });
  return { id: record.id, wasRunning, counts };
}

async function endHolder(folder: string): Promise<void> {
  const started = Date.now();
  let sent = 0, holder = holderOf(folder);
  for (; holder; holder = holderOf(folder)) {
    const waited = Date.now() - started;
    const isHere = holder.host === Deno.hostname();
    if (waited > (isHere ? GIVE_UP_MS : FAR_MS)) throw cannotEnd(holder, "it is still running");
    // A process that has just taken the job has not written its pid yet.
    if (isHere && holder.pid > 0 && (sent < 2 || waited > KILL_MS)) {
      send(holder, sent++ < 2 ? "SIGTERM" : "SIGKILL");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function send(holder: Holder, signal: Deno.Signal): void {
  try {
    Deno.kill(holder.pid, signal);
  } catch (error) {
    // A process that is not found may have ended just now; otherwise the time runs out.
    if (!(error instanceof Deno.errors.NotFound)) throw cannotEnd(holder, (error as Error).message);
  }
}

function cannotEnd({ pid, host }: Holder, reason: string): UsageError {
  return new UsageError(`Cannot end process ${pid} on ${host}: ${reason}`);
}
