/**
 * The `run` command: calls a run method and runs the jobs that it returns.
 *
 * @module
 */

import { loadConfig } from "../config/load.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { JOB_FLAGS, runOptionsIn } from "./job_flags.ts";
import { setMessageForm } from "./message_form.ts";
import { stdoutSink, untilSignal } from "./signals.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs run`. */
export const runCommand: Command = {
  name: "run",
  usage: "run METHOD [ARGS] [k=v] [k:=json] [options]",
  doc: SUMMARIES.run,
  examples: [
    "dl_jobs run countries.area",
    "dl_jobs run ndvi.mean tiles.ndjson band=nir limits:='[0, 1]' -j4",
    "dl_jobs run ndvi.mean --engine slurm --dry-run",
  ],
  options: JOB_FLAGS,
  config: true,
  keywords: true,
  run: runRun,
};

async function runRun(call: Call): Promise<number> {
  const { positional, keywords, config } = call, options = runOptionsIn(call);
  const [method, ...args] = positional;
  if (method === undefined) {
    throw new UsageError("Cannot run: no method is named, write dl_jobs run module.method");
  }
  const loaded = await loadConfig({ flags: config });
  setMessageForm(loaded.values.progress);
  const { run } = await import("../api/run_method.ts");
  keepStdoutForData();
  const given = { args, kwargs: keywords, flags: config, loaded, noisySinks: [stdoutSink] };
  return await untilSignal((stops) => run(method, { ...options, ...given, ...stops }));
}

/** Sends the console output of a run method to stderr, so that stdout contains only results. */
function keepStdoutForData(): void {
  console.log = console.info = console.debug = console.error;
}
