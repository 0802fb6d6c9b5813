import type { Summary } from "../job/summary.ts";
import type { RunOptions } from "../job/options.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { theScreen } from "../terminal/screen.ts";

/** What a run is told to end by. */
export type Stops = Required<Pick<RunOptions, "stop" | "signal">>;

/** What a process exits with that was ended by the user. */
const INTERRUPTED = 130;

const STOPPING = "Stopping: what runs may finish, Ctrl-C again ends it, dl_jobs resume goes on\n";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Writes result lines to stdout; a slow reader is waited for. */
export const stdoutSink: ResultSink = {
  async write(lines) {
    // The line that shows the progress stands where the next result goes.
    const bytes = Deno.stdout.isTerminal() ? theScreen().around(lines) : lines;
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  },
};

/**
 * Runs jobs and gives the exit status: 0 all tasks succeeded, 1 some failed, 130 interrupted.
 *
 * The first Ctrl-C, SIGTERM or SIGHUP asks them to start nothing more, the second one to end at
 * once. Whatever comes after that ends this process.
 */
export async function untilSignal(
  fn: (stops: Stops) => Promise<readonly Summary[]>,
): Promise<number> {
  const stop = new AbortController();
  const end = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) return onEnd();
    stop.abort();
    theScreen().say(STOPPING);
  };
  const onEnd = () => {
    if (end.signal.aborted) exitNow();
    stop.abort();
    end.abort();
  };
  for (const name of SIGNALS) Deno.addSignalListener(name, onInterrupt);
  try {
    const summaries = await fn({ stop: stop.signal, signal: end.signal });
    return stop.signal.aborted ? INTERRUPTED : exitStatus(summaries);
  } finally {
    for (const name of SIGNALS) Deno.removeSignalListener(name, onInterrupt);
  }
}

function exitNow(): never {
  theScreen().show("");
  Deno.exit(INTERRUPTED);
}

function exitStatus(summaries: readonly Summary[]): number {
  if (summaries.some(({ isInterrupted }) => isInterrupted)) return INTERRUPTED;
  return summaries.some(isUnhappy) ? 1 : 0;
}

function isUnhappy({ failed, failedElements, canceled }: Summary): boolean {
  return failed + failedElements + canceled > 0;
}
