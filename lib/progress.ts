/**
 * What is said to a person while a job runs: on stderr, and in the job's log file.
 *
 * @module
 */

import type { LogLine } from "./event.ts";
import type { LineFile } from "./results.ts";
import { formatDuration } from "./timer.ts";

/** How many tasks are where. */
export interface Counts {
  /** How many have been read of the list. */
  readonly read: number;
  /** How many there are, when that is known. */
  readonly total?: number;
  /** How many have succeeded. */
  readonly succeeded: number;
  /** How many have failed for good. */
  readonly failed: number;
  /** How many attempts were followed by another. */
  readonly retried: number;
}

/** What is said, and to whom. */
export interface TalkOptions {
  /** Say it on stderr. */
  readonly noisy: boolean;
  /** Lines that hold one of these words, in upper or lower case, are not said. */
  readonly suppress: readonly string[];
  /** Where it is kept. */
  readonly log?: LineFile;
  /** Whether stderr shows a moving line. @default {whether it is a terminal} */
  readonly isTerminal?: boolean;
  /** Takes what goes to stderr. @default {stderr itself} */
  readonly write?: (text: string) => void;
  /** The clock, in milliseconds. @default {Date.now} */
  readonly now?: () => number;
}

// A task may never end its line.
const MAX_PIECES = 1000, MAX_PIECE = 64 * 1024;
const PLAIN_MS = 10_000, MOVING_MS = 100;

/**
 * Says things to a person.
 *
 * @example
 * ```ts
 * import { Talk } from "./progress.ts";
 *
 * let said = "";
 * const talk = new Talk({ noisy: true, suppress: ["warning"], write: (text) => said += text });
 * talk.say("started\nFutureWarning: old");
 * if (said !== "started\n") throw new Error(said);
 * ```
 */
export class Talk {
  #options: Required<Omit<TalkOptions, "log">> & Pick<TalkOptions, "log">;
  #started: number;
  #shown: number;
  #hasLine = false;
  #pieces = new Map<string, { readonly text: string; readonly isShown: boolean }>();

  /** Takes what is said, and to whom. */
  constructor(options: TalkOptions) {
    this.#options = {
      isTerminal: Deno.stderr.isTerminal(),
      write: (text) => sayTo(text),
      now: Date.now,
      ...options,
      // An empty word is in every line.
      suppress: options.suppress.filter((word) => word !== "").map((word) => word.toLowerCase()),
    };
    this.#started = this.#shown = this.#options.now();
  }

  /** Says a line, when the job is noisy. */
  say(text: string): void {
    this.#say(text, this.#options.noisy);
  }

  /** Says a line that must be seen. */
  warn(text: string): void {
    this.#say(text, true);
  }

  /** Shows what a task wrote, as whole lines: one may come in pieces. */
  tell({ id, attempt, stream, text }: LogLine, isShown: boolean): void {
    const key = `${id} ${attempt} ${stream}`;
    const whole = (this.#pieces.get(key)?.text ?? "") + text;
    const newline = whole.lastIndexOf("\n");
    // A line without an end must not fill the memory.
    const end = newline < 0 && whole.length > MAX_PIECE ? whole.length : newline;
    if (end >= 0) this.#say(whole.slice(0, end), isShown);
    this.#pieces.delete(key);
    if (end + 1 < whole.length) this.#pieces.set(key, { text: whole.slice(end + 1), isShown });
    if (this.#pieces.size > MAX_PIECES) this.tellRest();
  }

  /** Shows the lines that tasks have begun and not ended. */
  tellRest(): void {
    for (const { text, isShown } of this.#pieces.values()) this.#say(text, isShown);
    this.#pieces.clear();
  }

  /** Shows how far the job is. */
  show(counts: Counts): void {
    const { isTerminal, noisy, now } = this.#options;
    const due = this.#shown + (isTerminal ? MOVING_MS : PLAIN_MS);
    if (!noisy || now() < due) return;
    this.#shown = now();
    const line = progressLine(counts, this.#shown - this.#started);
    if (isTerminal) this.#move(line);
    else this.#options.write(line + "\n");
  }

  /** Takes the moving line away. */
  clear(): void {
    if (this.#hasLine) this.#options.write("\r\x1b[K");
    this.#hasLine = false;
  }

  #say(text: string, isShown: boolean): void {
    const lines = text.split("\n").filter((line) => !this.#isSuppressed(line)).join("\n");
    if (lines === "" && text !== "") return;
    this.#options.log?.write(new TextEncoder().encode(lines + "\n"));
    if (!isShown) return;
    this.clear();
    this.#options.write(lines + "\n");
  }

  #isSuppressed(line: string): boolean {
    const lower = line.toLowerCase();
    return this.#options.suppress.some((word) => lower.includes(word));
  }

  #move(line: string): void {
    this.#options.write(`\r${line}\x1b[K`);
    this.#hasLine = true;
  }
}

/**
 * One line that says how far a job is.
 *
 * @example
 * ```ts
 * import { progressLine } from "./progress.ts";
 *
 * const counts = { read: 60, total: 90, succeeded: 29, failed: 1, retried: 0 };
 * const line = progressLine(counts, 60_000);
 * if (line !== "30 of 90 done, 1 failed, 30/min, 2 min 00 s left") throw new Error(line);
 * ```
 */
export function progressLine(counts: Counts, ms: number): string {
  const { succeeded, failed, retried, total } = counts;
  const done = succeeded + failed;
  const rest = total === undefined ? 0 : total - done;
  const parts = [
    `${done}${total === undefined ? "" : ` of ${total}`} done`,
    failed > 0 ? `${failed} failed` : "",
    retried > 0 ? `${retried} tried again` : "",
    done > 0 && ms > 0 ? rate(done / ms) : "",
    done > 0 && rest > 0 ? `${formatDuration(rest * ms / done)} left` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

const RATES = [["s", 1000], ["min", 60_000], ["h", 3_600_000], ["day", 86_400_000]] as const;

/** How many in the shortest time in which it is at least one: long tasks are no `0/s`. */
function rate(perMs: number): string {
  const found = RATES.find(([, ms]) => perMs * ms >= 1);
  return found ? `${Math.round(perMs * found[1])}/${found[0]}` : "";
}

let sayTo: (text: string) => void = writeStderr;

/** From now on, what is said goes there: a session must not have it written over its prompt. */
export function sayThrough(write: (text: string) => void): void {
  sayTo = write;
}

/** Writes to stderr, whoever listens. */
export function writeStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // Nobody listens any more, the terminal is gone or the disk is full: that must not end the job.
  }
}
