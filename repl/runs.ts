/**
 * The runs in this process: Ctrl-C ends them.
 *
 * @module
 */

import type { Run } from "../lib/job.ts";

let runs: Run[] = [];

/** Takes note of a run in this process. */
export function noteRun(run: Run): void {
  runs = [...runsHere(), run];
}

/** The runs in this process that have not ended. */
export function runsHere(): readonly Run[] {
  return runs.filter((run) => !run.hasEnded);
}
