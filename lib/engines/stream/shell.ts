/**
 * A command that connects the stdin and the stdout of a shell on a machine.
 *
 * @module
 */

import { UsageError } from "../../util/errors.ts";
import { exitStatusOf } from "../../util/process/process_status.ts";
import { delay } from "../../util/time/delay.ts";
import type { HostPlace } from "./place.ts";
import type { RemoteProgram } from "./remote_script.ts";

/** A command on a machine. */
export interface ShellProcess {
  /** The process that connects. */
  readonly child: Deno.ChildProcess;
  /** Resolves at the end with the exit code, and the last text on stderr. */
  readonly ended: Promise<{ readonly code: number; readonly words: string }>;
  /** Drops the text on stderr until now, such as a banner, which is not the reason of a later end. */
  forgetWords(): void;
}

/** Starts a command, a text for a shell, on a machine. */
export type StartShell = (script: string) => ShellProcess;

/** The far side of all machines of a job. */
export interface FarProgram extends RemoteProgram {
  /** The advice to a user when the folder is full or read-only. */
  readonly advice: string;
  /** The text of the program. */
  readonly code: string;
  /** The time in which a machine must answer, in milliseconds. @default {no limit} */
  readonly answerMs?: number | undefined;
}

const FULL = /No space left on device|Disk quota exceeded|Read-only file system/;

/** Returns the words of a failure on a machine, with the advice if its folder takes no files. */
export function withFolderAdvice(
  words: string,
  { advice = "" }: Pick<HostPlace, "advice">,
): string {
  return FULL.test(words) && !words.includes(advice) ? `${words}, ${advice}` : words;
}

/** The parts of the message about a program that does not exist. */
export interface MissingProgram {
  /** The goal that cannot be reached: `run on Kubernetes`. */
  readonly goal: string;
  /** The way out: `install kubectl`. */
  readonly advice: string;
}

/**
 * Starts a program that connects.
 *
 * @throws {UsageError} when the program does not exist.
 */
export function startConnector(
  program: string,
  args: readonly string[],
  { goal, advice }: MissingProgram,
): ShellProcess {
  try {
    // Ctrl-C reaches the processes of a group, but a connection must outlive the first one.
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    const words = new LastWords(child);
    return { child, ended: endOf(child, words), forgetWords: () => words.forget() };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(`Cannot ${goal}: there is no ${program} on the PATH, ${advice}`, {
      cause,
    });
  }
}

const MOST_WORDS = 2000;
// The time in which the last bytes of stderr arrive after the end of a process.
const WORDS_MS = 500;

/** The last lines that a process prints on stderr. */
class LastWords {
  /** Resolves when the process, and each one that has its stderr, has closed it. */
  readonly ended: Promise<void>;
  #text = "";
  #reader: ReadableStreamDefaultReader<string>;

  constructor({ stderr }: Deno.ChildProcess) {
    this.#reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
    this.ended = this.#read().catch(() => {});
  }

  /** Drops what was printed until now. */
  forget(): void {
    this.#text = "";
  }

  /** Returns the lines as one line, soon after the end of the process. */
  async take(): Promise<string> {
    // A connection that ssh keeps in the background, by ControlPersist, may hold the stderr open.
    await delay(WORDS_MS, [], this.ended);
    this.#reader.cancel().catch(() => {});
    return wordsIn(this.#text);
  }

  async #read(): Promise<void> {
    for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
      this.#text = (this.#text + next.value).slice(-MOST_WORDS);
    }
  }
}

/** Waits for the end of a process, with the last lines of its stderr as one line. */
async function endOf(child: Deno.ChildProcess, words: LastWords): ShellProcess["ended"] {
  const { code } = await exitStatusOf(child);
  return { code, words: await words.take() };
}

/** Ends the command that connects, and what it has started: it may be a script. */
export function endShell({ child }: ShellProcess): void {
  try {
    child.kill("SIGTERM");
    Deno.kill(-child.pid, "SIGTERM");
  } catch {
    // The process has ended.
  }
}

/** Returns the last lines of a text that tell something, as one line. */
export function wordsIn(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const isTold = (line: string) =>
    line !== "" && !/^@+$|^\*\* |^Warning: Permanently added/.test(line);
  const told = lines.filter(isTold), plain = told.filter((line) => !LOG_LINE.test(line));
  return (plain.length > 0 ? plain : told).slice(-6).join("; ");
}

// A line of the log of kubectl, which repeats the error after it several times.
const LOG_LINE = /^[IWEF]\d{4} \d\d:\d\d:\d\d\./;
