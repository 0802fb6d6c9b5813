/**
 * The beginning of a session: Deno's REPL loads this before its first prompt.
 *
 * @module
 */

import { loadParsers, sourceOf } from "../lib/bundle/function_source.ts";
import { UsageError } from "../lib/util/errors.ts";
import { updateList } from "../lib/compat/helpers.ts";
import { Run } from "../lib/api/job.ts";
import * as ndjson from "../lib/ndjson/mod.ts";
import { replaceScreen } from "../lib/terminal/screen.ts";
import { INSPECT } from "../lib/job/format.ts";
import { HELP, help } from "./help.ts";
import { checkWith, job, local, submit } from "../lib/api/shorthand.ts";
import { cancel, config, jobs, logs, resume, retry, status } from "../lib/api/history.ts";
import { results } from "../lib/api/results.ts";
import { runsHere } from "../lib/api/runs.ts";
import { makeSave } from "./save.ts";
import { Session, type SessionFiles } from "./session.ts";
import { $ } from "../lib/api/shell.ts";
import { Terminal } from "./terminal.ts";

/** The helpers that `mod.ts` exports, too. */
const HELPERS = {
  ...{ $, cancel, config, job, jobs, local, logs, ndjson },
  ...{ results, resume, retry, status, submit, updateList },
};

/** Makes the helpers global, and takes note of what is typed from now on. */
export async function startSession(files: SessionFiles): Promise<void> {
  const parsers = await loadParsers();
  const session = new Session(files);
  const terminal = new Terminal(() => session.isBusy);
  const save = makeSave(session, parsers, Object.keys(HELPERS));
  defineGlobals({ ...HELPERS, save, help });
  showUsageErrors();
  checkWith((fn) => sourceOf(fn, parsers));
  replaceScreen(terminal);
  afterEachEntry(() => {
    const error = session.noteEntry();
    terminal.beforePrompt();
    if (isShadowed(error)) console.log(SHADOWED);
  });
  tellUnhandled((text) => terminal.print(text));
  endOnInterrupt((text) => terminal.print(text));
  console.log("dl_jobs: help lists what there is, close() leaves");
}

function defineGlobals(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Where in our own code a user's mistake was found helps nobody. */
function showUsageErrors(): void {
  Object.defineProperty(UsageError.prototype, INSPECT, {
    value(this: UsageError): string {
      return `${this.name}: ${this.message}`;
    },
  });
}

// Deno's REPL asks whether the session shall be closed when it has run an entry.
function afterEachEntry(fn: () => void): void {
  const closed = Object.getOwnPropertyDescriptor(globalThis, "closed")!;
  Object.defineProperty(globalThis, "closed", {
    ...closed,
    get() {
      fn();
      return closed.get!.call(globalThis);
    },
  });
}

/** Whether somebody tried `const job = job(...)`: from then on, the name means nothing. */
function isShadowed(error: unknown): boolean {
  const [, name = ""] = /^(.+) is not defined$/.exec((error as Error | undefined)?.message ?? "") ??
    [];
  return error instanceof ReferenceError && Object.hasOwn(HELP, name);
}

const SHADOWED = "That is a helper's name: const NAME = globalThis.NAME gives it back, " +
  "and a value of yours needs another";

/** A run that fails and that nobody waits for must not be said in the middle of a line. */
function tellUnhandled(say: (text: string) => void): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    say(`Error: ${reason instanceof Error ? reason.message : Deno.inspect(reason)}\n`);
  });
}

/** Ctrl-C ends what goes on in this process, and without that the session. */
function endOnInterrupt(say: (text: string) => void): void {
  Deno.addSignalListener("SIGINT", () => {
    const runs = runsHere();
    if (runs.length === 0) Deno.exit(INTERRUPTED);
    for (const run of runs) run.cancel();
    if (runs.some((one) => one instanceof Run)) {
      say("Stopped: what is done is kept, resume() goes on\n");
    }
  });
}

const INTERRUPTED = 130;
