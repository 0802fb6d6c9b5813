/**
 * The `repl` command: starts Deno's REPL with the helpers of dl_jobs.
 *
 * @module
 */

import { jobIds } from "../job_dir/find.ts";
import { jobFolder, sessionHistory, storeOf } from "../job_dir/layout.ts";
import { lastHolder } from "../job_dir/lock.ts";
import { readRecord } from "../job_dir/record.ts";
import { openStore } from "../job_dir/store.ts";
import { UsageError } from "../util/errors.ts";
import { PRIVATE_FILE, readIfThere, removeIfThere } from "../util/files/fs.ts";
import { checkTrusted } from "../util/files/trust.ts";
import { exitStatusOf } from "../util/process/process_status.ts";
import { sendSignal } from "../util/process/send_signal.ts";
import { END_ENTRY, INCOMPLETE } from "../../repl/end.ts";
import { NEWLINE } from "../util/bytes/bytes.ts";
import { EXIT } from "./exit_status.ts";
import type { Call, Command } from "./command.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs repl`. */
export const replCommand: Command = {
  name: "repl",
  usage: "repl [options]",
  doc: SUMMARIES.repl,
  examples: ["dl_jobs repl"],
  options: [],
  run: runRepl,
};

const START = new URL("../../repl/start.ts", import.meta.url).href;

// Deno's REPL keeps at most 100 entries. The first line of its history file is the format's
// version.
const MAX_ENTRIES = 100, HEAD = "#V2\n";

async function runRepl({ positional: [extra] }: Call): Promise<number> {
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": repl accepts no arguments, remove it`);
  }
  const kept = Deno.env.get("DENO_REPL_HISTORY") || keptHistory();
  // This write fails if the file exists or the folder is read-only. No history is kept in a
  // read-only folder.
  await Deno.writeTextFile(kept, HEAD, { createNew: true, mode: PRIVATE_FILE }).catch(() => {});
  // Each session has its own file, because parallel sessions would mix their lines.
  const history = await Deno.makeTempFile({ prefix: "dl_jobs_repl_" });
  try {
    await Deno.writeTextFile(history, HEAD + lastEntries(kept));
    return await startRepl({ history, kept, interrupted: interruptedOf(history) });
  } finally {
    for (const path of [history, interruptedOf(history)]) removeIfThere(path);
  }
}

/** Returns the path of the file that a session writes when it reacts to Ctrl-C. */
function interruptedOf(history: string): string {
  return `${history}.interrupted`;
}

async function startRepl(
  files: { history: string; kept: string; interrupted: string },
): Promise<number> {
  const start = `await (await import(${JSON.stringify(START)})).startSession(${
    JSON.stringify(files)
  })`;
  const isPiped = !Deno.stdin.isTerminal();
  // The binary of `deno compile` cannot act as `deno`.
  const repl = new Deno.Command(Deno.build.standalone ? "deno" : Deno.execPath(), {
    args: ["repl", "-A", "--quiet", "--no-lock", "--node-modules-dir=none", `--eval=${start}`],
    env: {
      DENO_REPL_HISTORY: files.history,
      // Deno's REPL uses colours also in a file.
      ...Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" },
    },
    stdin: isPiped ? "piped" : "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  const session = spawnDeno(repl), started = new Date().toISOString();
  if (isPiped) passOn(session.stdin);
  const code = await untilEnd(session, files.interrupted);
  for (const id of interruptedJobs(session.pid, started)) {
    console.error(`Job ${id} stopped with the session: dl_jobs resume ${id} runs the rest`);
  }
  if (code !== INCOMPLETE) return code;
  console.error("The last entry is incomplete and has not run: close its brackets and quotes");
  return EXIT.failed.status;
}

/** Lists the jobs that a session ran when it ended. */
function interruptedJobs(pid: number, started: string): string[] {
  return jobIds().filter((id) => {
    const folder = jobFolder(id), last = lastHolder(folder);
    // An earlier process may have had the same pid.
    if (last.pid !== pid || last.since < started) return false;
    try {
      return readRecord(folder).state === undefined;
    } catch {
      return false;
    }
  });
}

/** Passes on the entries of a pipe, and then the one that waits for the runs. */
async function passOn(session: WritableStream<Uint8Array>): Promise<void> {
  let last: number | undefined = NEWLINE;
  try {
    const writer = session.getWriter();
    for await (const bytes of Deno.stdin.readable) {
      last = bytes.at(-1);
      await writer.write(bytes);
    }
    const end = last === NEWLINE ? END_ENTRY : `\n${END_ENTRY}`;
    await writer.write(new TextEncoder().encode(end));
    await writer.close();
  } catch {
    // The session has ended before its input.
  }
}

function spawnDeno(command: Deno.Command): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (cause) {
    throw new UsageError(
      "Cannot start a session: there is no deno on the PATH, see https://deno.com to install it",
      { cause },
    );
  }
}

/** Forwards signals to the session until it ends, and returns its exit status. */
async function untilEnd(repl: Deno.ChildProcess, interrupted: string): Promise<number> {
  const forward = (name: Deno.Signal) => () => sendSignal(repl, name);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = {
    // The terminal already sends Ctrl-C to both processes.
    SIGINT: () => {
      const pressed = Date.now();
      clearTimeout(timer);
      timer = setTimeout(
        () => reactedAt(interrupted) >= pressed - EARLY_MS || endStuck(repl),
        REACTION_MS,
      );
    },
    SIGTERM: forward("SIGTERM"),
    SIGHUP: forward("SIGHUP"),
  };
  const each = Object.entries(listeners) as [Deno.Signal, () => void][];
  for (const [name, listener] of each) Deno.addSignalListener(name, listener);
  const { code } = await exitStatusOf(repl);
  clearTimeout(timer);
  for (const [name, listener] of each) Deno.removeSignalListener(name, listener);
  return code;
}

// The time in which a session reacts to Ctrl-C, unless an entry computes without a pause.
const REACTION_MS = 2000;
// The session may receive Ctrl-C, and react, before this process receives it.
const EARLY_MS = 1000;

/** Returns the time of the session's last reaction to Ctrl-C; 0 for none. */
function reactedAt(interrupted: string): number {
  return Number(readIfThere(interrupted));
}

/** Ends a session whose entry computes without a pause, and never lets the listener for Ctrl-C run. */
function endStuck(repl: Deno.ChildProcess): void {
  console.error("The session did not react to Ctrl-C and was ended: its entry did not pause");
  sendSignal(repl, "SIGKILL");
}

function keptHistory(): string {
  openStore(storeOf());
  // A user can run an entry of the history with two keys.
  checkTrusted(sessionHistory());
  return sessionHistory();
}

function lastEntries(path: string): string {
  const lines = readIfThere(path).split("\n");
  return lines.filter((line) => line !== "" && `${line}\n` !== HEAD).slice(-MAX_ENTRIES)
    .map((line) => `${line}\n`).join("");
}
