/**
 * The `cancel` command: ends a job that another process has in hand.
 *
 * @module
 */

import { cancelJob } from "../job/cancel.ts";
import type { Call, Command } from "./args.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, print } from "./output.ts";

/** `dl_jobs cancel`. */
export const cancelCommand: Command = {
  name: "cancel",
  usage: "cancel [JOB] [options]",
  doc: `End a job: what runs is ended, what is done is kept, resume goes on with it. ${JOB_NAMES}`,
  options: [JSON_FLAG],
  config: false,
  run: runCancel,
};

async function runCancel(call: Call): Promise<number> {
  const folder = jobOf(call);
  const { id, wasRunning, counts } = await cancelJob(folder);
  if (call.flags.json) await print(JSON.stringify({ id, wasRunning, counts }) + "\n");
  else console.error(wasRunning ? `Canceled job ${id}` : `Job ${id} was not running`);
  return 0;
}
