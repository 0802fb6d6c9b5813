/**
 * Starts a session. Deno's REPL loads this file before its first prompt.
 *
 * @module
 */

import { loadParsers, sourceOf } from "../lib/bundle/function/function_source.ts";
import { UsageError } from "../lib/util/errors.ts";
import { updateList } from "../lib/compat/helpers.ts";
import { Job } from "../lib/api/job.ts";
import { Run } from "../lib/api/run.ts";
import { files, glob } from "../lib/tasks/list_files.ts";
import { grid, zip } from "../lib/tasks/parameters/grid.ts";
import * as ndjson from "../lib/ndjson/mod.ts";
import { escapeControls } from "../lib/terminal/escape.ts";
import { replaceScreen } from "../lib/terminal/screen.ts";
import { INSPECT } from "../lib/util/text/custom_inspect.ts";
import { HELP, help } from "./help.ts";
import { checkWith, job, local, submit } from "../lib/api/shorthand.ts";
import { cancel, config, jobs, logs, resume, retry, status } from "../lib/api/history.ts";
import { results } from "../lib/api/results.ts";
import { endEntry, stopEntry } from "../lib/api/runs.ts";
import { expectEnd } from "./end.ts";
import { hasSyntax } from "./pieces.ts";
import { createSave } from "./save.ts";
import { Session, type SessionFiles } from "./session.ts";
import { $ } from "../lib/api/shell.ts";
import { hideOwnFrames } from "./stack.ts";
import { Terminal } from "./terminal.ts";

/** The helpers that `mod.ts` also exports. */
const HELPERS = {
  $,
  Job,
  cancel,
  config,
  files,
  glob,
  grid,
  job,
  jobs,
  local,
  logs,
  ndjson,
  results,
  resume,
  retry,
  status,
  submit,
  updateList,
  zip,
};

/**
 * Defines the helpers as globals, and starts recording entries.
 *
 * @param files the session's files, and the path of the one to which it writes the time of its last reaction
 * to Ctrl-C, in milliseconds since the Unix epoch.
 */
export async function startSession(
  files: SessionFiles & { readonly interrupted: string },
): Promise<void> {
  const parsers = await loadParsers();
  const session = new Session(files);
  const isPiped = !Deno.stdin.isTerminal();
  // The entries of a pipe have no prompt that a text could disturb.
  const terminal = new Terminal(() => isPiped || session.isBusy);
  const save = createSave(session, parsers, Object.keys(HELPERS));
  defineGlobals({ ...HELPERS, save, help });
  showUsageErrors();
  hideOwnFrames();
  checkWith((fn) => sourceOf(fn, parsers));
  replaceScreen(terminal);
  const onClosed = isPiped ? expectEnd() : () => {};
  // A script that starts a session finds out that an entry failed.
  const onFailure = () => {
    if (isPiped) Deno.exitCode = FAILED;
  };
  afterEachEntry((isClosed) => {
    const error = session.recordEntry();
    endEntry();
    // The REPL tells the user of wrong syntax, but no program.
    const { source = "" } = session.entries.at(-1) ?? {};
    if (error !== undefined || !hasSyntax(source)) onFailure();
    if (isClosed) onClosed();
    terminal.beforePrompt();
    if (isShadowed(error)) console.log(SHADOWED);
  });
  reportUnhandled((text) => {
    terminal.print(text);
    onFailure();
  });
  endOnInterrupt(files.interrupted, (text) => terminal.print(text));
  console.log("dl_jobs: help lists the helpers, close() ends the session");
}

function defineGlobals(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

const FAILED = 1;

/** Displays usage errors without their stack, which shows only where they were thrown. */
function showUsageErrors(): void {
  Object.defineProperty(UsageError.prototype, INSPECT, {
    value(this: UsageError): string {
      return escapeControls(`${this.name}: ${this.message}`);
    },
  });
}

// Deno's REPL reads `closed` after each entry to find out whether the session must end.
function afterEachEntry(fn: (isClosed: boolean) => void): void {
  const closed = Object.getOwnPropertyDescriptor(globalThis, "closed")!;
  Object.defineProperty(globalThis, "closed", {
    ...closed,
    get() {
      const isClosed = closed.get!.call(globalThis);
      fn(isClosed);
      return isClosed;
    },
  });
}

/**
 * Tests whether an entry such as `const job = job(...)` left the name of a helper uninitialized.
 */
function isShadowed(error: unknown): boolean {
  const [, name = ""] = /^(.+) is not defined$/.exec((error as Error | undefined)?.message ?? "") ??
    [];
  return error instanceof ReferenceError && Object.hasOwn(HELP, name);
}

const SHADOWED =
  "That is the name of a helper: restore the helper with const NAME = globalThis.NAME, " +
  "and use another name for your value";

/** Prints unhandled rejections through `say`, to keep them out of the line being typed. */
function reportUnhandled(say: (text: string) => void): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    say(`Error: ${reason instanceof Error ? reason.message : Deno.inspect(reason)}\n`);
  });
}

/** Makes Ctrl-C cancel the runs of this process, or end the session when no run is active. */
function endOnInterrupt(interrupted: string, say: (text: string) => void): void {
  Deno.addSignalListener("SIGINT", () => {
    // The process that has started this one ends a session that never comes here.
    Deno.writeTextFileSync(interrupted, `${Date.now()}`);
    const runs = stopEntry();
    if (runs.length === 0) Deno.exit(INTERRUPTED);
    // A run without a folder has no job yet.
    if (runs.some((one) => one instanceof Run && one.progress.folder !== undefined)) {
      say("Stopped: results are kept, resume() runs the rest\n");
    }
  });
}

const INTERRUPTED = 130;
