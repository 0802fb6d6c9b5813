/**
 * The end of a job by signals, and the exit status of the command that ran it.
 *
 * @module
 */

import type { Summary } from "../job/summary.ts";
import type { RunOptions } from "../job/options.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { currentScreen } from "../terminal/screen.ts";
import { EXIT } from "./exit_status.ts";

/** The signals that end a job: `stop` starts no more tasks, `signal` ends it at once. */
export type StopSignals = Required<Pick<RunOptions, "stop" | "signal">>;

const STOPPING =
  "Stopping: running tasks may finish, Ctrl-C again ends them, dl_jobs resume runs the rest\n";

/** The signals by which a user, a shell or a system asks the command to end. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The sink that writes result lines to stdout, at the pace of its reader. */
export const stdoutSink: ResultSink = {
  async write(lines) {
    // The next result is written where the progress line is, so that line moves down.
    const bytes = Deno.stdout.isTerminal() ? currentScreen().around(lines) : lines;
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  },
};

/**
 * Runs jobs until they end or a signal ends them.
 *
 * The first Ctrl-C, SIGTERM or SIGHUP asks them to start no more tasks, the second one to end at
 * once. The third one ends this process.
 *
 * @returns the exit status: an entry of `EXIT`.
 */
export async function untilSignal(
  fn: (stops: StopSignals) => Promise<readonly Summary[]>,
): Promise<number> {
  const stop = new AbortController();
  const end = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) return onEnd();
    stop.abort();
    currentScreen().print(STOPPING);
  };
  const onEnd = () => {
    if (end.signal.aborted) exitNow();
    stop.abort();
    end.abort();
  };
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, onInterrupt);
  try {
    const summaries = await fn({ stop: stop.signal, signal: end.signal });
    return stop.signal.aborted ? EXIT.interrupted.status : exitStatus(summaries);
  } finally {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, onInterrupt);
  }
}

function exitNow(): never {
  currentScreen().showLine("");
  Deno.exit(EXIT.interrupted.status);
}

function exitStatus(summaries: readonly Summary[]): number {
  if (summaries.some(({ isInterrupted }) => isInterrupted)) return EXIT.interrupted.status;
  return summaries.some(hasFailures) ? EXIT.failed.status : EXIT.done.status;
}

function hasFailures({ failed, failedElements, canceled }: Summary): boolean {
  return failed + failedElements + canceled > 0;
}
