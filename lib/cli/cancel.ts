/**
 * The `cancel` command: stops a job, even when another process runs it.
 *
 * @module
 */

import { type Canceled, cancelJob } from "../job/steer/cancel.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { CancelJson } from "./json_types.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs cancel`. */
export const cancelCommand: Command = {
  name: "cancel",
  usage: "cancel [JOB] [options]",
  doc: `${SUMMARIES.cancel} Results are kept; resume runs the rest. ${JOB_NAMES}`,
  examples: ["dl_jobs cancel", "dl_jobs cancel 20261123T062803"],
  options: [JSON_FLAG],
  run: runCancel,
};

async function runCancel(call: Call): Promise<number> {
  const folder = jobOf(call);
  const canceled = await cancelJob(folder);
  if (call.flags.json) await printJson<CancelJson>(canceled);
  else say(textOf(canceled));
  return EXIT.done.status;
}

function textOf({ id, wasRunning, wasInterrupted }: Canceled): string {
  if (wasRunning) return `Canceled job ${id}`;
  // Its tasks may have run on other machines.
  if (wasInterrupted) return `Canceled the rest of job ${id}, which no process ran`;
  return `Job ${id} was not running`;
}
