/**
 * Ends jobs on signals, and determines the exit status of a command that runs jobs.
 *
 * @module
 */

import type { Summary } from "../job/report/summary.ts";
import { unquoted } from "../formats/write_lines.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { escapeControls } from "../terminal/escape.ts";
import { currentScreen } from "../terminal/screen.ts";
import { delay } from "../util/time/delay.ts";
import { UsageError } from "../util/errors.ts";
import { readIfThere } from "../util/files/fs.ts";
import { writeStdout } from "../util/stdout.ts";
import { EXIT } from "./exit_status.ts";
import { messageText } from "./message_form.ts";

/** The connections between signals of this process and a run. */
export interface StopSignals {
  /** Aborted to prevent further tasks from starting. */
  readonly stop: AbortSignal;
  /** Aborted to end the run at once. */
  readonly signal: AbortSignal;
  /** Must be called before a job begins. Throws when a signal came first. */
  readonly onBegin: () => void;
}

const STOPPING =
  "Stopping: running tasks may finish, Ctrl-C again ends them, dl_jobs resume runs the rest";

// The time in which a start that was interrupted removes its temporary files, in milliseconds.
const CLEANUP = 300;

/** The process signals that ask the command to end. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Calls a function at each signal that asks the command to end. `nohup` starts a command with SIGHUP
 * ignored, so that it outlives its terminal; then SIGHUP asks for nothing.
 *
 * @returns a function that stops listening
 */
export function onStopSignal(fn: () => void): () => void {
  // Without any listener, Deno ends at SIGHUP although it was ignored.
  const ignore = () => {};
  const listeners = STOP_SIGNALS.map((name) =>
    [name, name === "SIGHUP" && isHangupIgnored() ? ignore : fn] as const
  );
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

/**
 * Returns true when this process ignores SIGHUP: the first bit of the mask. Other systems than Linux
 * do not tell.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
function isHangupIgnored(): boolean {
  return /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(readIfThere("/proc/self/status"));
}

/** Writes result lines to stdout, and waits when the reader is slow. */
export const stdoutSink: ResultSink = {
  async write(lines) {
    const bytes = Deno.stdout.isTerminal() ? forTerminal(lines) : lines;
    await writeStdout(bytes, "fix this and continue with dl_jobs resume");
  },
};

/** Writes results to stdout as texts, where a string has no quotes and no escapes. */
export const stdoutTexts: ResultSink = {
  async write(lines) {
    const results = new TextDecoder().decode(lines).split("\n").slice(0, -1);
    const text = results.map((result) => `${unquoted(result)}\n`).join("");
    await stdoutSink.write(new TextEncoder().encode(text));
  },
};

/**
 * Escapes control characters in results. Results overwrite the progress line, which is drawn again
 * below them.
 */
function forTerminal(lines: Uint8Array): Uint8Array {
  const text = escapeControls(new TextDecoder().decode(lines));
  return currentScreen().around(new TextEncoder().encode(text));
}

/**
 * Runs jobs until they end or a signal ends them.
 *
 * After the first Ctrl-C, SIGTERM or SIGHUP, no more tasks start. The second signal ends the
 * running tasks at once, and the third ends this process. Before the first job, the first signal
 * ends the command, because what the job waits for may never come.
 *
 * @returns the exit status: an entry of `EXIT`.
 * @throws {UsageError} when a signal ends the command before the first job.
 */
export async function untilSignal(
  fn: (stops: StopSignals) => Promise<readonly Summary[]>,
): Promise<number> {
  const stop = new AbortController();
  const end = new AbortController();
  const early = Promise.withResolvers<void>();
  let hasBegun = false;
  const onBegin = () => {
    if (!hasBegun && stop.signal.aborted) throw interrupted();
    hasBegun = true;
  };
  const onInterrupt = () => {
    if (stop.signal.aborted) return onEnd();
    stop.abort();
    if (hasBegun) currentScreen().print(`${messageText(STOPPING)}\n`);
    else early.resolve();
  };
  const onEnd = () => {
    if (end.signal.aborted) exitNow();
    stop.abort();
    end.abort();
  };
  const stopListening = onStopSignal(onInterrupt);
  try {
    const running = fn({ stop: stop.signal, signal: end.signal, onBegin });
    const summaries = await Promise.race([running, early.promise]);
    if (!summaries) {
      await delay(CLEANUP, [], running.catch(() => {}));
      throw interrupted();
    }
    return stop.signal.aborted ? EXIT.interrupted.status : exitStatus(summaries);
  } finally {
    stopListening();
  }
}

function interrupted(): UsageError {
  return new UsageError("Interrupted before the job began", {
    code: "interrupted",
  });
}

function exitNow(): never {
  currentScreen().showLine("");
  Deno.exit(EXIT.interrupted.status);
}

/** Returns the exit status of ended runs. */
export function exitStatus(summaries: readonly Summary[]): number {
  if (summaries.some(({ isInterrupted }) => isInterrupted)) return EXIT.interrupted.status;
  return summaries.some(hasFailures) ? EXIT.failed.status : EXIT.done.status;
}

function hasFailures({ failed, failedElements, canceled }: Summary): boolean {
  return failed + failedElements + canceled > 0;
}
