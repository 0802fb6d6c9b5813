/**
 * The `cancel` command: ends a job that another process has in hand.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { holderOf, readRecord, readState, writeRecord } from "../store.ts";
import type { Call, Command } from "./_args.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./_jobs.ts";

/** `dl_jobs cancel`. */
export const cancelCommand: Command = {
  name: "cancel",
  usage: "cancel [JOB] [options]",
  doc: `End a job: what runs is ended, what is done is kept, resume goes on with it. ${JOB_NAMES}`,
  options: [JSON_FLAG],
  config: false,
  run: runCancel,
};

const POLL_MS = 50;

async function runCancel(call: Call): Promise<number> {
  const folder = await jobOf(call);
  const { id } = await readRecord(folder);
  const holder = holderOf(folder);
  if (holder) await end(folder, holder.pid);
  const record = await readRecord(folder);
  const { counts, state } = await readState(folder, record);
  // One that died is marked too: nobody shall take it for one that goes on.
  if (state === "interrupted") writeRecord(folder, { ...record, state: "canceled", counts });
  if (call.flags.json) {
    await print(JSON.stringify({ id, wasRunning: holder !== undefined, counts }) + "\n");
  } else console.error(holder ? `Canceled job ${id}` : `Job ${id} was not running`);
  return 0;
}

async function end(folder: string, pid: number): Promise<void> {
  // The first one asks for a good end, the second one does not wait for it.
  for (let sent = 0; holderOf(folder); sent++) {
    if (sent < 2) terminate(pid);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function terminate(pid: number): void {
  try {
    Deno.kill(pid, "SIGTERM");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new UsageError(
      `Cannot end process ${pid}: ${(error as Error).message}, it may run on another machine`,
    );
  }
}
