/**
 * Runs the user's commands when a job ends. They can change neither the job nor its exit status.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { UsageError } from "../../util/errors.ts";
import { exitStatusOf } from "../../util/process/process_status.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { writeStdin } from "../../util/process/write_stdin.ts";
import { valueWithin } from "../../util/time/value_within.ts";
import type { Summary } from "../report/summary.ts";

/** The facts that a command gets as JSON on stdin: a summary, or the error that ended the run. */
export type JobEnd =
  | Summary
  | Pick<Summary, "id" | "name"> & {
    readonly paths: Partial<Summary["paths"]>;
    readonly error: string;
  };

// A slow command must not keep the job from its end.
const LIMIT_MS = 30_000, MOST_LETTERS = 200;

/**
 * Checks the option `on`. A record of an earlier version has none.
 *
 * @throws {UsageError} when it names an unknown event.
 */
export function checkEvents(on: Config["on"] = {}): void {
  const unknown = Object.keys(on).find((event) => event !== "end" && event !== "failures");
  if (unknown === undefined) return;
  throw new UsageError(`Cannot run a command on "${unknown}": the events are end and failures`);
}

/**
 * Runs the commands of the options `notify` and `on`, side by side.
 *
 * @param warn tells the user about a command that failed
 */
export async function notifyEnd(
  end: JobEnd,
  { notify, on }: Pick<Config, "notify" | "on">,
  warn: (text: string) => void,
  limit = LIMIT_MS,
): Promise<void> {
  const commands = [notify, on.end, isFailure(end) ? on.failures : undefined];
  const given = commands.filter((command) => typeof command === "string");
  await Promise.all(given.map(async (command) => {
    const problem = await runCommand(command, JSON.stringify(end) + "\n", limit);
    if (problem !== undefined) warn(`Warning: the command \`${command}\` of notify ${problem}`);
  }));
}

function isFailure(end: JobEnd): boolean {
  return "error" in end || end.failed + end.failedElements + end.canceled > 0;
}

/** Runs a command with a shell. Returns the reason if it fails. */
async function runCommand(
  command: string,
  input: string,
  limit: number,
): Promise<string | undefined> {
  try {
    const process = new Deno.Command("sh", {
      args: ["-c", command],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      // Ctrl-C ends the job, and not the message about its end.
      detached: true,
    }).spawn();
    return await outcomeOf(process, input, limit);
  } catch (error) {
    return `did not start: ${(error as Error).message}`;
  }
}

async function outcomeOf(
  process: Deno.ChildProcess,
  input: string,
  limit: number,
): Promise<string | undefined> {
  writeStdin(process, input);
  const words = new FirstText(process.stderr);
  const status = await valueWithin(exitStatusOf(process), limit);
  // A program that the command left in the background may keep stderr open.
  const text = await words.end();
  process.unref();
  if (status) return status.success ? undefined : `failed: exit status ${status.code}${text}`;
  sendSignal(-process.pid, "SIGKILL");
  return `was ended after ${limit / 1000} s`;
}

/** Collects the beginning of a text, without waiting for its end. */
class FirstText {
  #text = "";
  #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.#read().catch(() => {});
  }

  /** Returns what has arrived, and drops the rest. */
  async end(): Promise<string> {
    // What an ended process wrote arrives with the next turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#reader.cancel().catch(() => {});
    const line = this.#text.trim().split("\n").at(-1)!.slice(0, MOST_LETTERS);
    return line && `, ${line}`;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
      if (this.#text.length < 10_000) this.#text += decoder.decode(part.value, { stream: true });
    }
  }
}
