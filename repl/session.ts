/**
 * The entries of a session, and which of them failed.
 *
 * Deno's REPL appends each entry to its history file before it runs it, and reads `globalThis.closed`
 * after it. So an entry is read from the file, and `_error` tells if it failed.
 *
 * @see https://docs.deno.com/runtime/reference/cli/repl/ for `_` and `_error`.
 *
 * @module
 */

import { takeStarted } from "../lib/api/runs.ts";

/** An entry at a prompt, of one line or several. */
export interface Entry {
  /** The text of the entry. */
  readonly source: string;
  /** True when it threw, or when a run that it started has failed since. */
  readonly hasFailed: boolean;
}

/** The history files of a session. */
export interface SessionFiles {
  /** The history file of this session's REPL alone. */
  readonly history: string;
  /** The history file of all sessions. */
  readonly kept: string;
}

/** The results of the last entry, as Deno's REPL keeps them. */
interface Repl {
  readonly _: unknown;
  readonly _error: unknown;
}

/** Records the entries of a session. */
export class Session {
  /** The entries that were run, in their order. */
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
   * @param files Its history files.
   * @param repl The results of the last entry.
   */
  constructor(files: SessionFiles, repl: Repl = globalThis as unknown as Repl) {
    this.#files = files;
    this.#repl = repl;
    this.#text = this.#read();
    this.#stamp = this.#readStamp();
  }

  /** True while an entry runs and there is no prompt. */
  get isBusy(): boolean {
    return this.#readStamp() !== this.#stamp;
  }

  /**
   * Records the entry that was run last, if there is a new one.
   *
   * @returns The error that the entry threw, or nothing.
   */
  recordEntry(): unknown {
    const { _: value, _error: error } = this.#repl;
    const text = this.#read();
    const hasFailed = error !== this.#error;
    if (text !== this.#text) this.#add(lastEntry(text), hasFailed);
    // The history has an entry once that was typed twice in a row.
    else if (value !== this.#value && value !== undefined) this.#repeat();
    this.#text = text;
    this.#stamp = this.#readStamp();
    this.#value = value;
    this.#error = error;
    return hasFailed ? error : undefined;
  }

  #add(line: string, hasThrown: boolean): void {
    const runs = takeStarted();
    this.entries.push({
      source: unescape(line),
      get hasFailed() {
        return hasThrown || runs.some((run) => run.hasFailed);
      },
    });
    try {
      Deno.writeTextFileSync(this.#files.kept, `${line}\n`, { append: true });
    } catch {
      // In a read-only folder, the history of all sessions is not kept.
    }
  }

  #repeat(): void {
    const last = this.entries.at(-1);
    if (last) this.entries.push({ ...last, hasFailed: false });
  }

  /** Returns a value that changes with the history file. */
  #readStamp(): string {
    try {
      const { size, mtime } = Deno.statSync(this.#files.history);
      return `${size} ${mtime?.getTime()}`;
    } catch {
      return "";
    }
  }

  #read(): string {
    try {
      return Deno.readTextFileSync(this.#files.history);
    } catch {
      return "";
    }
  }
}

function lastEntry(text: string): string {
  return text.split("\n").at(-2) ?? "";
}

/** Decodes a line of the history, in which `\n` is a newline and `\\` a backslash. */
function unescape(line: string): string {
  return line.replaceAll(/\\(n|\\)/g, (_, sign) => sign === "n" ? "\n" : "\\");
}
