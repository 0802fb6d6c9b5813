/**
 * Messages to the user while a job runs: on stderr, and in the job's log file.
 *
 * @module
 */

import type { LogLine } from "../journal/format.ts";
import type { LineFile } from "../util/line_file.ts";
import { Progress, type ProgressStyle } from "./progress.ts";
import type { Activity, Counts } from "./progress_line.ts";
import { currentScreen, type TerminalScreen } from "./screen.ts";

/** The messages that are shown, and their destinations. */
export interface ReporterOptions {
  /** True to show messages and progress on stderr; false for warnings only. */
  readonly noisy: boolean;
  /** Lines that contain one of these words, in upper or lower case, are left out. */
  readonly suppress: readonly string[];
  /** The form of progress; with `json`, each message is a line of JSON. @default {"auto"} */
  readonly progress?: ProgressStyle | undefined;
  /** The log file. @default {none} */
  readonly log?: LineFile | undefined;
  /** The screen. @default {stderr} */
  readonly screen?: TerminalScreen | undefined;
  /** Returns the time in milliseconds. @default {Date.now} */
  readonly now?: (() => number) | undefined;
}

// Limits of the memory for lines that tasks have not ended: the number of lines, and their length.
const MAX_PIECES = 1000, MAX_PIECE = 64 * 1024;

/**
 * Reports the course of a job to the user.
 *
 * @example
 * ```ts
 * import { Reporter } from "./reporter.ts";
 * import { TerminalScreen } from "./screen.ts";
 *
 * let text = "";
 * const screen = new TerminalScreen({ isMoving: false, write: (part) => text += part });
 * const reporter = new Reporter({ noisy: true, suppress: ["warning"], screen });
 * reporter.info("started\nFutureWarning: old");
 * if (text !== "started\n") throw new Error(text);
 * ```
 */
export class Reporter {
  #noisy: boolean;
  #suppress: readonly string[];
  #style: ProgressStyle;
  #log: LineFile | undefined;
  #screen: TerminalScreen;
  #now: () => number;
  #progress: Progress | undefined;
  #look: () => Activity | undefined = () => undefined;
  #pieces = new Map<string, { readonly text: string; readonly isShown: boolean }>();

  /** Creates a reporter. */
  constructor(options: ReporterOptions) {
    this.#noisy = options.noisy;
    // Every line contains the empty word.
    this.#suppress = options.suppress.filter((word) => word !== "").map((word) =>
      word.toLowerCase()
    );
    this.#style = options.progress ?? "auto";
    this.#log = options.log;
    this.#screen = options.screen ?? currentScreen();
    this.#now = options.now ?? Date.now;
  }

  /**
   * Reports a line, shown when the job is noisy.
   *
   * @param facts the JSON that a program gets in place of the text
   */
  info(text: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#report(text, this.#noisy, facts);
  }

  /** Reports a line that is always shown. */
  warn(text: string): void {
    this.#report(text, true);
  }

  /**
   * Reports the output of a task as whole lines. A line may arrive in several pieces.
   *
   * @param isShown false to write it only to the log file
   */
  taskLog({ id, attempt, stream, text }: LogLine, isShown: boolean): void {
    const key = `${id} ${attempt} ${stream}`;
    const whole = (this.#pieces.get(key)?.text ?? "") + text;
    const newline = whole.lastIndexOf("\n");
    // A line without an end is cut, so that it does not fill the memory.
    const end = newline < 0 && whole.length > MAX_PIECE ? whole.length : newline;
    if (end >= 0) this.#report(whole.slice(0, end), isShown);
    this.#pieces.delete(key);
    if (end + 1 < whole.length) this.#pieces.set(key, { text: whole.slice(end + 1), isShown });
    if (this.#pieces.size > MAX_PIECES) this.flushTaskLogs();
  }

  /** Reports the lines that tasks have started and not ended. */
  flushTaskLogs(): void {
    for (const { text, isShown } of this.#pieces.values()) this.#report(text, isShown);
    this.#pieces.clear();
  }

  /**
   * Sets the source of the work in flight.
   *
   * @param look returns it; called only when progress is shown
   */
  observe(look: () => Activity): void {
    this.#look = look;
  }

  /**
   * Shows the progress of a job until the returned object is disposed.
   *
   * @param counts the counts of the job, which change while it runs
   * @param stop aborted when no more tasks start
   */
  watch(counts: Counts, stop: AbortSignal): Disposable {
    return this.#progress = new Progress({
      counts,
      stop,
      screen: this.#screen,
      style: this.#noisy ? this.#style : "off",
      look: () => this.#look(),
      now: this.#now,
    });
  }

  /** Shows the progress if it is due: the counts have changed. */
  tick(): void {
    this.#progress?.tick();
  }

  #report(text: string, isShown: boolean, facts?: Readonly<Record<string, unknown>>): void {
    const lines = text.split("\n").filter((line) => !this.#isSuppressed(line)).join("\n");
    if (lines === "" && text !== "") return;
    this.#log?.write(new TextEncoder().encode(lines + "\n"));
    if (!isShown) return;
    const shown = this.#style === "json"
      ? JSON.stringify(facts ?? { type: "message", text: lines })
      : lines;
    this.#screen.print(`${shown}\n`);
  }

  #isSuppressed(line: string): boolean {
    const lower = line.toLowerCase();
    return this.#suppress.some((word) => lower.includes(word));
  }
}
