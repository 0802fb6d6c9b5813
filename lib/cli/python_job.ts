/**
 * The hidden command `python-job`, which runs a job for Python code (`python/dl_jobs/_runner.py`).
 *
 * @module
 */

import { describedJob } from "../job/function/python_job.ts";
import { writeOutcome } from "../job/inspect/python_outcome.ts";
import { parseJson } from "../util/parse_json.ts";
import { stdoutSink, untilSignal } from "./signals.ts";

/**
 * Runs the job that `job.json` in a folder describes, and writes `outcome.ndjson` there: `dl_jobs
 * python-job /path/to/folder`.
 */
export async function runPythonJob([folder = ""]: readonly string[]): Promise<number> {
  try {
    return await runDescribed(folder);
  } catch (error) {
    // The Python code raises an exception with this message.
    await Deno.writeTextFile(`${folder}/error.txt`, (error as Error).message);
    throw error;
  }
}

async function runDescribed(folder: string): Promise<number> {
  const options = describedJob(parseJson(await Deno.readTextFile(`${folder}/job.json`)));
  const { Job } = await import("../api/job.ts");
  stopWithParent();
  return await untilSignal(async (stops) => {
    const summary = await new Job(options).run({ noisySinks: [stdoutSink], ...stops });
    await writeOutcome(`${folder}/outcome.ndjson`, summary);
    return [summary];
  });
}

const POLL_MS = 500;

/** Stops the job, as Ctrl-C does, when the Python process that waits for it has ended. */
function stopWithParent(): void {
  const parent = Deno.ppid;
  const timer = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(timer);
    Deno.kill(Deno.pid, "SIGTERM");
  }, POLL_MS);
  Deno.unrefTimer(timer);
}
