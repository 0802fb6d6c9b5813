/**
 * Reports messages to the user while a job runs, on stderr and in the job's log file.
 *
 * @module
 */

import type { LogLine } from "../journal/format.ts";
import { LogJoiner } from "../journal/log_joiner.ts";
import { shownLogText } from "../journal/log_text.ts";
import { messageOf } from "../util/errors.ts";
import { logTime } from "../util/time/duration.ts";
import type { LineFile } from "../util/files/line_file.ts";
import { type Mask, maskDeep } from "../util/text/mask.ts";
import { escapeControls } from "./escape.ts";
import { Progress, type ProgressOptions, type ProgressStyle } from "./progress.ts";
import type { Activity } from "./progress_line.ts";
import { currentScreen, type TerminalScreen } from "./screen.ts";

/** The messages to show, and their destinations. */
export interface ReporterOptions {
  /** True to show messages and progress on stderr; false to show only warnings. */
  readonly noisy: boolean;
  /** True to show what tasks print. @default {true} */
  readonly printLogs?: boolean | undefined;
  /** True to show only warnings and failures. @default {false} */
  readonly quiet?: boolean | undefined;
  /** Lines that contain one of these words are left out; case is ignored. */
  readonly suppress: readonly string[];
  /** The form of progress; with `json`, each message is a line of JSON. @default {"auto"} */
  readonly progress?: ProgressStyle | undefined;
  /** The log file. @default {none} */
  readonly log?: LineFile | undefined;
  /** Replaces secret values in every text. @default {none} */
  readonly mask?: Mask | undefined;
  /** The screen. @default {stderr} */
  readonly screen?: TerminalScreen | undefined;
  /** Returns the current time, in milliseconds, also for the progress. @default {Date.now} */
  readonly now?: (() => number) | undefined;
}

/** The origin of a text: a task, or the job with facts for `json`. */
interface Origin {
  readonly task?: number | undefined;
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Reports the messages and the progress of a job to the user.
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
  #printLogs: boolean;
  #quiet: boolean;
  #suppress: readonly string[];
  #style: ProgressStyle;
  #log: LineFile | undefined;
  #mask: Mask;
  #screen: TerminalScreen;
  #now: () => number;
  /** A clock that does not follow changes of the machine's clock, for rates and times that are left. */
  #steady: () => number;
  #progress: Progress | undefined;
  #look: () => Activity | undefined = () => undefined;
  #joiner = new LogJoiner();

  /** Creates a reporter. */
  constructor(options: ReporterOptions) {
    const { noisy, printLogs = true, quiet = false, screen = currentScreen() } = options;
    const isSilent = quiet || screen.warnsOnly;
    this.#noisy = noisy && !isSilent;
    this.#printLogs = printLogs && !isSilent;
    this.#quiet = quiet;
    // An empty word would suppress every line.
    this.#suppress = options.suppress.filter((word) => word !== "").map((word) =>
      word.toLowerCase()
    );
    this.#style = options.progress ?? "auto";
    this.#log = options.log;
    this.#mask = options.mask ?? ((text) => text);
    this.#screen = screen;
    this.#now = options.now ?? Date.now;
    this.#steady = options.now ?? (() => performance.now());
  }

  /**
   * Reports a text. The text is shown on stderr only when `noisy` is true.
   *
   * @param facts the object that is printed instead of the text when the form is `json`
   */
  info(text: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#report(text, this.#noisy, { facts });
  }

  /**
   * Reports a text that is shown even when `noisy` is false.
   *
   * @param facts the object that is printed instead of the text when the form is `json`
   */
  warn(text: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#report(text, true, { facts });
  }

  /**
   * Reports the end of a job.
   *
   * @param text the summary
   * @param facts the object that is printed instead of the summary when the form is `json`
   * @param failure the line to show instead of the summary when `quiet` is true. @default {none}
   */
  end(text: string, facts: Readonly<Record<string, unknown>>, failure: string | undefined): void {
    this.info(text, facts);
    if (this.#quiet && failure !== undefined) this.warn(failure);
  }

  /** Writes the error that ended the run to the log file. The caller shows it. */
  failure(error: unknown): void {
    this.#report(`Error: ${messageOf(error)}`, false);
  }

  /**
   * Reports the output of a task in whole lines. The pieces of a line are kept until the line is
   * complete. The output is always written to the log file.
   */
  taskLog(line: LogLine): void {
    this.#reportTasks(this.#joiner.add(line));
  }

  /** Reports the unfinished lines of tasks. */
  flushTaskLogs(): void {
    this.#reportTasks(this.#joiner.takeRest());
  }

  /**
   * Sets the function that reports the work in flight.
   *
   * @param look returns the work in flight; called each time the progress is shown
   */
  observe(look: () => Activity): void {
    this.#look = look;
  }

  /** Shows the progress of a job until the returned object is disposed. */
  watch(job: Pick<ProgressOptions, "counts" | "stop" | "tasks" | "note">): Disposable {
    return this.#progress = new Progress({
      ...job,
      screen: this.#screen,
      style: this.#noisy ? this.#style : "off",
      look: () => this.#look(),
      now: this.#steady,
    });
  }

  /** Hides the progress until the returned object is disposed, while a question is shown. */
  hideProgress(): Disposable {
    return this.#progress?.hide() ?? { [Symbol.dispose]: () => {} };
  }

  /**
   * Shows the progress if an update is due. The controller calls this method after the counts
   * change.
   */
  tick(): void {
    this.#progress?.tick();
  }

  #reportTasks(lines: readonly LogLine[]): void {
    for (const line of lines) this.#report(shownLogText(line), this.#printLogs, { task: line.id });
  }

  #report(text: string, isShown: boolean, { facts, task }: Origin = {}): void {
    const lines = escapeControls(this.#mask(text)).split("\n")
      .filter((line, i, all) => !this.#isSuppressed(line, all[i - 1])).join("\n");
    if (lines === "" && text !== "") return;
    this.#writeLog(lines, task);
    if (!isShown) return;
    const shown = this.#style === "json"
      ? JSON.stringify(facts ? maskDeep(facts, this.#mask) : { type: "message", text: lines })
      : lines;
    this.#screen.print(`${shown}\n`);
  }

  /** Writes lines to the log file, with the time and the task of each. */
  #writeLog(text: string, task: number | undefined): void {
    if (!this.#log) return;
    const head = `${logTime(new Date(this.#now()))} ${task === undefined ? "" : `${task}: `}`;
    const lines = text.split("\n").map((line) => `${head}${line}\n`);
    this.#log.write(new TextEncoder().encode(lines.join("")));
  }

  #isSuppressed(line: string, before = ""): boolean {
    if (SOURCE.test(line) && WARNING.test(before) && this.#isSuppressed(before)) return true;
    const lower = line.toLowerCase();
    return this.#suppress.some((word) => lower.includes(word));
  }
}

/** The first line of a warning of Python, and the line of source text that follows it. */
const WARNING = /^\S.*:\d+: \w+: /, SOURCE = /^ {2}\S/;
