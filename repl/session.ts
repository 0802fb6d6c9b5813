/**
 * Records the entries of a session and whether each entry failed.
 *
 * Deno's REPL appends an entry to its history file before running the entry, and reads
 * `globalThis.closed` afterwards. The session therefore reads entries from the history file, and a
 * change of `_error` shows that an entry failed.
 *
 * @see https://docs.deno.com/runtime/reference/cli/repl/ for `_` and `_error`.
 *
 * @module
 */

import { type Cancelable, takeStarted } from "../lib/api/runs.ts";
import { readIfThere } from "../lib/util/files/fs.ts";
import { maskKnown } from "../lib/util/text/mask.ts";

/** One input at the prompt, of one or more lines. */
export interface Entry {
  /** The text of the entry. */
  readonly source: string;
  /** True when the entry threw an error, or a run that it started could not run. */
  readonly hasFailed: boolean;
}

/** The history files of a session. */
export interface SessionFiles {
  /** The path of the history file of this session's REPL. */
  readonly history: string;
  /** The path of the history file that all sessions share. */
  readonly kept: string;
}

/** The globals in which Deno's REPL keeps the last value and the last error. */
interface Repl {
  readonly _: unknown;
  readonly _error: unknown;
}

/** Records the entries of a session. */
export class Session {
  /** The entries that have run, oldest first. */
  readonly entries: Entry[] = [];
  #files: SessionFiles;
  #repl: Repl;
  #text: string;
  #stamp: string;
  #value: unknown;
  #error: unknown;

  /**
   * Creates a session without entries.
   *
   * @param files the session's history files.
   * @param repl the object with the REPL's globals.
   */
  constructor(files: SessionFiles, repl: Repl = globalThis as unknown as Repl) {
    this.#files = files;
    this.#repl = repl;
    this.#text = readIfThere(this.#files.history);
    this.#stamp = this.#readStamp();
    takeStarted();
  }

  /** True while an entry runs and the terminal shows no prompt. */
  get isBusy(): boolean {
    return this.#readStamp() !== this.#stamp;
  }

  /**
   * Records the entry that has just run, if any.
   *
   * @returns the error that the entry threw, or `undefined`.
   */
  recordEntry(): unknown {
    const { _: value, _error: error } = this.#repl;
    const text = readIfThere(this.#files.history);
    const hasFailed = error !== this.#error, runs = takeStarted();
    if (text !== this.#text) this.#add(lastEntry(text), hasFailed, runs);
    // The history file has only one line for an entry that the user repeats immediately.
    else if (value !== this.#value && value !== undefined) this.#repeat(runs);
    this.#text = text;
    this.#stamp = this.#readStamp();
    this.#value = value;
    this.#error = error;
    return hasFailed ? error : undefined;
  }

  #add(line: string, hasThrown: boolean, runs: readonly Cancelable[]): void {
    this.#push(unescape(line), hasThrown, runs);
    try {
      Deno.writeTextFileSync(this.#files.kept, `${maskKnown(line)}\n`, { append: true });
    } catch {
      // The shared history is optional: its folder may be read-only.
    }
  }

  #repeat(runs: readonly Cancelable[]): void {
    const last = this.entries.at(-1);
    if (last) this.#push(last.source, false, runs);
  }

  #push(source: string, hasThrown: boolean, runs: readonly Cancelable[]): void {
    this.entries.push({
      source,
      get hasFailed() {
        return hasThrown || runs.some((run) => run.hasFailed);
      },
    });
  }

  /** Returns the history file's size and modification time, to detect changes. */
  #readStamp(): string {
    try {
      const { size, mtime } = Deno.statSync(this.#files.history);
      return `${size} ${mtime?.getTime()}`;
    } catch {
      return "";
    }
  }
}

function lastEntry(text: string): string {
  return text.split("\n").at(-2) ?? "";
}

/** Decodes a line of the history file, where `\n` is a newline and `\\` a backslash. */
function unescape(line: string): string {
  return line.replaceAll(/\\(n|\\)/g, (_, sign) => sign === "n" ? "\n" : "\\");
}
