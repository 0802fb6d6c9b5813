/**
 * What was typed in this session, and what became of it.
 *
 * Deno's REPL adds each entry to its history file before it runs it, and asks for `closed` when it
 * has: so an entry is read from the file, and `_error` says whether it has failed.
 *
 * @module
 */

import { takeStarted } from "../lib/api/runs.ts";

/** What was typed at one prompt: one line, or several. */
export interface Entry {
  readonly source: string;
  /** Whether it threw, or a run that it began has failed since. */
  readonly hasFailed: boolean;
}

/** Where a session is kept while it goes on. */
export interface SessionFiles {
  /** The history file of this session's REPL, and of no other. */
  readonly history: string;
  /** The history of all sessions. */
  readonly kept: string;
}

/** What is read of the REPL. */
interface Repl {
  readonly _: unknown;
  readonly _error: unknown;
}

/** Takes note of what is typed. */
export class Session {
  /** What was typed and run, in its order. */
  readonly entries: Entry[] = [];
  #files: SessionFiles;
  #repl: Repl;
  #text: string;
  #stamp: string;
  #value: unknown;
  #error: unknown;

  /** A session that has just begun. */
  constructor(files: SessionFiles, repl: Repl = globalThis as unknown as Repl) {
    this.#files = files;
    this.#repl = repl;
    this.#text = this.#read();
    this.#stamp = this.#look();
  }

  /** Whether something runs that was typed, and no prompt is there. */
  get isBusy(): boolean {
    return this.#look() !== this.#stamp;
  }

  /** Takes note of an entry that has been run, and gives what it threw. Called also without one. */
  noteEntry(): unknown {
    const { _: value, _error: error } = this.#repl;
    const text = this.#read();
    const hasFailed = error !== this.#error;
    if (text !== this.#text) this.#add(lastEntry(text), hasFailed);
    // An entry that was typed twice stands in the history once.
    else if (value !== this.#value && value !== undefined) this.#repeat();
    this.#text = text;
    this.#stamp = this.#look();
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
      // A folder that cannot be written has no history of its own.
    }
  }

  #repeat(): void {
    const last = this.entries.at(-1);
    if (last) this.entries.push({ ...last, hasFailed: false });
  }

  /** What changes when the history does. */
  #look(): string {
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

/** The history has an entry in one line: `\n` stands for a newline, `\\` for a backslash. */
function unescape(line: string): string {
  return line.replaceAll(/\\(n|\\)/g, (_, sign) => sign === "n" ? "\n" : "\\");
}
