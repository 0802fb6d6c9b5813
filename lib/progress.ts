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
  readonly succeeded: number;
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
  readonly write?: (text: string) => void;
  readonly now?: () => number;
}

const PLAIN_MS = 10_000, MOVING_MS = 100;

/** Says things to a person. */
export class Talk {
  #options: Required<Omit<TalkOptions, "log">> & Pick<TalkOptions, "log">;
  #started: number;
  #shown: number;
  #hasLine = false;

  constructor(options: TalkOptions) {
    this.#options = {
      isTerminal: Deno.stderr.isTerminal(),
      write: (text) => void writeStderr(text),
      now: Date.now,
      ...options,
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

  /** Shows what a task wrote. */
  tell({ text }: LogLine, isShown: boolean): void {
    this.#say(text.replace(/\n$/, ""), isShown);
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
    return this.#options.suppress.some((word) => lower.includes(word.toLowerCase()));
  }

  #move(line: string): void {
    this.#options.write(`\r${line}\x1b[K`);
    this.#hasLine = true;
  }
}

/** One line that says how far a job is. */
export function progressLine(counts: Counts, ms: number): string {
  const { succeeded, failed, retried, total } = counts;
  const done = succeeded + failed;
  const rate = ms > 0 ? Math.round(done / ms * 1000) : 0;
  const parts = [
    `${done}${total === undefined ? "" : ` of ${total}`} done`,
    failed > 0 ? `${failed} failed` : "",
    retried > 0 ? `${retried} tried again` : "",
    `${rate}/s`,
    total !== undefined && rate > 0 ? `${formatDuration((total - done) / rate * 1000)} left` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function writeStderr(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch (error) {
    // Nobody listens any more, and that must not end the job.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
