/**
 * The end of a job that another process has in hand.
 *
 * @module
 */

import { loadEngine } from "../engines/mod.ts";
import { type Holder, holderOf } from "../job_dir/lock.ts";
import { type JobCounts, readRecord, writeRecord } from "../job_dir/record.ts";
import { readState } from "../job_dir/state.ts";
import { UsageError } from "../util/errors.ts";

const POLL_MS = 50;
// The first SIGTERM asks for a good end, the second one does not wait for it, and then nobody asks.
const KILL_MS = 5000, GIVE_UP_MS = 10_000;
// One on another machine learns of it when it asks its cluster again.
const FAR_MS = 90_000;

/** What became of a job that was canceled. */
export interface Canceled {
  readonly id: string;
  readonly wasRunning: boolean;
  readonly counts: JobCounts;
}

/**
 * Ends a job: what runs is ended, what is done is kept.
 *
 * @param folder the job's folder
 * @throws {UsageError} when its process cannot be ended from here.
 */
export async function cancel(folder: string): Promise<Canceled> {
  const wasRunning = holderOf(folder) !== undefined;
  const { engine } = await readRecord(folder);
  await (await loadEngine(engine)).cancel?.(folder);
  if (wasRunning) await end(folder);
  const record = await readRecord(folder);
  const { counts, state } = readState(folder, record);
  // One that died is marked too: nobody shall take it for one that goes on.
  if (state === "interrupted") writeRecord(folder, { ...record, state: "canceled", counts });
  return { id: record.id, wasRunning, counts };
}

async function end(folder: string): Promise<void> {
  const started = Date.now();
  let sent = 0, holder = holderOf(folder);
  for (; holder; holder = holderOf(folder)) {
    const waited = Date.now() - started;
    const isHere = holder.host === Deno.hostname();
    if (waited > (isHere ? GIVE_UP_MS : FAR_MS)) throw cannotEnd(holder, "it goes on");
    // One that has just taken the job has not said its name yet.
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
    // It may have ended just now; if it has not, the time runs out.
    if (!(error instanceof Deno.errors.NotFound)) throw cannotEnd(holder, (error as Error).message);
  }
}

function cannotEnd({ pid, host }: Holder, reason: string): UsageError {
  return new UsageError(`Cannot end process ${pid} on ${host}: ${reason}`);
}
