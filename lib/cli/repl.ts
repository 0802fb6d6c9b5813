/**
 * The `repl` command: Deno's own REPL, with the helpers of dl_jobs.
 *
 * @module
 */

import { sessionHistory, storeOf } from "../job_dir/layout.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./args.ts";

/** `dl_jobs repl`. */
export const replCommand: Command = {
  name: "repl",
  usage: "repl [options]",
  doc: "Try functions and jobs by hand in Deno's REPL, and save what was typed as a script.",
  options: [],
  config: false,
  run: runRepl,
};

const START = new URL("../../repl/start.ts", import.meta.url).href;

// Deno's REPL keeps no more, and knows by the first line how they are written.
const MAX_ENTRIES = 100, HEAD = "#V2\n";

async function runRepl({ positional: [extra] }: Call): Promise<number> {
  if (extra !== undefined) throw new UsageError(`Cannot use "${extra}": repl takes no arguments`);
  const kept = Deno.env.get("DENO_REPL_HISTORY") || await keptHistory();
  // Where nothing can be written, there is no history.
  await Deno.writeTextFile(kept, HEAD, { createNew: true }).catch(() => {});
  // Of its own, or another session's lines would be taken for this one's.
  const history = await Deno.makeTempFile({ prefix: "dl_jobs_repl_" });
  try {
    await Deno.writeTextFile(history, HEAD + await lastEntries(kept));
    return await startRepl({ history, kept });
  } finally {
    await Deno.remove(history);
  }
}

async function startRepl(files: { history: string; kept: string }): Promise<number> {
  const code = `await (await import(${JSON.stringify(START)})).startSession(${
    JSON.stringify(files)
  })`;
  // What `deno compile` makes is no Deno.
  const repl = new Deno.Command(Deno.build.standalone ? "deno" : Deno.execPath(), {
    args: ["repl", "-A", "--quiet", "--no-lock", "--node-modules-dir=none", `--eval=${code}`],
    env: { DENO_REPL_HISTORY: files.history },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  return await untilEnd(spawnDeno(repl));
}

function spawnDeno(command: Deno.Command): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (cause) {
    throw new UsageError(
      "Cannot start a session: there is no deno on the PATH, install it as https://deno.com says",
      { cause },
    );
  }
}

/** Signals are for the session; this process ends behind it. */
async function untilEnd(repl: Deno.ChildProcess): Promise<number> {
  const forward = (name: Deno.Signal) => () => {
    try {
      repl.kill(name);
    } catch {
      // It has ended just now.
    }
  };
  const listeners = {
    // The terminal sends Ctrl-C to both.
    SIGINT: () => {},
    SIGTERM: forward("SIGTERM"),
    SIGHUP: forward("SIGHUP"),
  };
  const each = Object.entries(listeners) as [Deno.Signal, () => void][];
  for (const [name, listener] of each) Deno.addSignalListener(name, listener);
  const { code } = await repl.status;
  for (const [name, listener] of each) Deno.removeSignalListener(name, listener);
  return code;
}

async function keptHistory(): Promise<string> {
  await Deno.mkdir(storeOf(), { recursive: true }).catch(() => {});
  return sessionHistory();
}

async function lastEntries(path: string): Promise<string> {
  try {
    const lines = (await Deno.readTextFile(path)).split("\n");
    return lines.filter((line) => line !== "" && `${line}\n` !== HEAD).slice(-MAX_ENTRIES)
      .map((line) => `${line}\n`).join("");
  } catch {
    return "";
  }
}
