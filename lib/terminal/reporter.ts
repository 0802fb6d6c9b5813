/**
 * What is said to a person while a job runs: on stderr, and in the job's log file.
 *
 * @module
 */

import type { LogLine } from "../journal/format.ts";
import type { LineFile } from "../util/line_file.ts";
import { Progress, type ProgressStyle } from "./progress.ts";
import type { Activity, Counts } from "./progress_line.ts";
import { type Screen, theScreen } from "./screen.ts";

/** What is said, and to whom. */
export interface ReporterOptions {
  /** Say it on stderr. */
  readonly noisy: boolean;
  /** Lines that hold one of these words, in upper or lower case, are not said. */
  readonly suppress: readonly string[];
  /** How progress is shown; with `json`, all that is said is a line of JSON. @default {"auto"} */
  readonly progress?: ProgressStyle;
  /** Where it is kept. */
  readonly log?: LineFile | undefined;
  /** Where it is said. @default {stderr} */
  readonly screen?: Screen;
  /** The clock, in milliseconds. @default {Date.now} */
  readonly now?: () => number;
}

// A task may never end its line.
const MAX_PIECES = 1000, MAX_PIECE = 64 * 1024;

/**
 * Says things to a person.
 *
 * @example
 * ```ts
 * import { Reporter } from "./reporter.ts";
 * import { Screen } from "./screen.ts";
 *
 * let said = "";
 * const screen = new Screen({ isMoving: false, write: (text) => said += text });
 * const reporter = new Reporter({ noisy: true, suppress: ["warning"], screen });
 * reporter.info("started\nFutureWarning: old");
 * if (said !== "started\n") throw new Error(said);
 * ```
 */
export class Reporter {
  #options: Required<Omit<ReporterOptions, "log">> & Pick<ReporterOptions, "log">;
  #progress: Progress | undefined;
  #look: () => Activity | undefined = () => undefined;
  #pieces = new Map<string, { readonly text: string; readonly isShown: boolean }>();

  /** Takes what is said, and to whom. */
  constructor(options: ReporterOptions) {
    this.#options = {
      progress: "auto",
      screen: theScreen(),
      now: Date.now,
      ...options,
      // An empty word is in every line.
      suppress: options.suppress.filter((word) => word !== "").map((word) => word.toLowerCase()),
    };
  }

  /** Says a line, when the job is noisy; a program is told the facts. */
  info(text: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#say(text, this.#options.noisy, facts);
  }

  /** Says a line that must be seen. */
  warn(text: string): void {
    this.#say(text, true);
  }

  /** Shows what a task wrote, as whole lines: one may come in pieces. */
  taskLog({ id, attempt, stream, text }: LogLine, isShown: boolean): void {
    const key = `${id} ${attempt} ${stream}`;
    const whole = (this.#pieces.get(key)?.text ?? "") + text;
    const newline = whole.lastIndexOf("\n");
    // A line without an end must not fill the memory.
    const end = newline < 0 && whole.length > MAX_PIECE ? whole.length : newline;
    if (end >= 0) this.#say(whole.slice(0, end), isShown);
    this.#pieces.delete(key);
    if (end + 1 < whole.length) this.#pieces.set(key, { text: whole.slice(end + 1), isShown });
    if (this.#pieces.size > MAX_PIECES) this.flushTaskLogs();
  }

  /** Shows the lines that tasks have begun and not ended. */
  flushTaskLogs(): void {
    for (const { text, isShown } of this.#pieces.values()) this.#say(text, isShown);
    this.#pieces.clear();
  }

  /** Takes what tells what is under way; it is asked when that is shown. */
  observe(look: () => Activity): void {
    this.#look = look;
  }

  /** Shows how far a job is, from its counts as they change, until that is disposed of. */
  watch(counts: Counts, stop: AbortSignal): Disposable {
    const { noisy, progress, screen, now } = this.#options;
    const style = noisy ? progress : "off", look = () => this.#look();
    return this.#progress = new Progress({ counts, stop, screen, style, look, now });
  }

  /** Says that the counts have changed. */
  tick(): void {
    this.#progress?.tick();
  }

  #say(text: string, isShown: boolean, facts?: Readonly<Record<string, unknown>>): void {
    const lines = text.split("\n").filter((line) => !this.#isSuppressed(line)).join("\n");
    if (lines === "" && text !== "") return;
    const { log, progress, screen } = this.#options;
    log?.write(new TextEncoder().encode(lines + "\n"));
    if (!isShown) return;
    const isJson = progress === "json";
    screen.say((isJson ? JSON.stringify(facts ?? { type: "message", text: lines }) : lines) + "\n");
  }

  #isSuppressed(line: string): boolean {
    const lower = line.toLowerCase();
    return this.#options.suppress.some((word) => lower.includes(word));
  }
}
