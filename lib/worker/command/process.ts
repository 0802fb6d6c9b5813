/**
 * One run of a program, from its start to its end.
 *
 * @module
 */

import { encodeText } from "../../util/builtins.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { exitStatusOf, type ProcessStatus } from "../../util/process/process_status.ts";
import { ProcessTree } from "../../util/process/process_tree.ts";
import { startLimitOf } from "../../util/process/refused_start.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import type { ProgramHost } from "../invoke.ts";
import { largeStdout } from "./stdout_value.ts";

/** The end of a program, and its output. */
export interface ProcessEnd {
  readonly status: ProcessStatus;
  /** The bytes of stdout; empty when stdout is a log. */
  readonly stdout: Uint8Array;
  /** The last characters of stderr. */
  readonly stderr: string;
}

/** The start of a program. */
export interface ProcessStart {
  /** The environment variables to add. */
  readonly env: Readonly<Record<string, string>>;
  /** True when stdout is a log, not the result. */
  readonly isLogged: boolean;
  /** The largest stdout that is a result, in bytes. */
  readonly most: number;
  /** Aborted when the program must end. @default {never} */
  readonly signal?: AbortSignal | undefined;
  /** The process that runs the program. @default {that of a user who runs tasks by hand} */
  readonly host?: ProgramHost | undefined;
}

// The number of characters of stderr to keep.
const STDERR_TAIL = 4096;
// The longest wait for the pipes after the end of a program. A child may keep a pipe open forever.
const DRAIN_MS = 1000;

/**
 * Runs a program to its end. Its stdin is empty, and its stderr is logged as it arrives.
 *
 * The program stays in the process group of the worker, so whatever kills the worker also ends the
 * program. A group of its own would also take five times as long to start, because Deno then copies
 * its own process. Only the engine `inline` does so: it is the process on the terminal, whose Ctrl-C
 * must not reach the program, and it kills the programs itself.
 *
 * @param path the path of the program
 * @throws {RangeError} when stdout is too long for a result.
 * @throws {Error} when the system cannot start the program, also after the end of other programs.
 */
export async function runProcess(
  path: string,
  args: readonly string[],
  { env, isLogged, most, signal, host }: ProcessStart,
): Promise<ProcessEnd> {
  const how = { args: args as string[], env, detached: host?.began !== undefined };
  const child = await startWhenAllowed(() => start(path, how), path, signal);
  host?.began?.(child.pid);
  const end = () => terminate(child);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  const result = new ResultBytes(most, end), errors = new Log("stderr");
  const output = isLogged ? new Log("stdout") : result;
  const pipes = [new Pipe(child.stdout, output), new Pipe(child.stderr, errors)];
  const status = await exitStatusOf(child);
  running.delete(child);
  host?.ended?.(child.pid);
  signal?.removeEventListener("abort", end);
  await Promise.all(pipes.map((pipe) => pipe.untilEnd(DRAIN_MS)));
  for (const sink of [output, errors]) if (sink instanceof Log) sink.end();
  return { status, stdout: result.all(), stderr: errors.tail };
}

/** The programs that run. */
const running = new Set<Deno.ChildProcess>();
// The number of refusals in a row that a program accepts while no other one runs: about 8 s.
const MAX_ALONE = 6;
const WAIT_MS = { firstMs: 250, maxMs: 4000 };

/**
 * Starts a program. While a limit on processes or open files prevents that, it waits for the end of
 * another program: the limit is not the fault of the task.
 *
 * @throws {Error} when no other program of this worker runs, and several tries have failed, or the
 * task was canceled meanwhile.
 */
async function startWhenAllowed(
  start: () => Deno.ChildProcess,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Deno.ChildProcess> {
  for (let alone = 0, tries = 1;; tries++) {
    try {
      const child = start();
      running.add(child);
      return child;
    } catch (cause) {
      const reason = startLimitOf(cause);
      if (reason === undefined) throw cause;
      if (running.size === 0 && ++alone >= MAX_ALONE) {
        throw new Error(`Cannot start ${path}: ${reason}, or use fewer --workers`, { cause });
      }
      const ends = running.size > 0 ? anyEnd() : undefined;
      await delay(backoffMs(alone || tries, WAIT_MS), signal ? [signal] : [], ends);
      if (signal?.aborted) throw cause;
    }
  }
}

/** Waits until a program has ended. */
async function anyEnd(): Promise<void> {
  await Promise.race(Array.from(running, exitStatusOf));
}

function start(path: string, how: Pick<Deno.CommandOptions, "args" | "env" | "detached">) {
  const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  try {
    return new Deno.Command(path, { ...how, ...pipes }).spawn();
  } catch (cause) {
    throw cause instanceof Error ? startError(path, cause) : cause;
  }
}

// The error of Deno contains that of the system.
const SPAWN_ERROR = /^Failed to spawn '.*?': (failed resolving cwd: )?(.*) \(os error (\d+)\)$/s;
const E2BIG = "7";

/** Returns the error of a program that the system cannot start, with the reason and the way out. */
function startError(path: string, cause: Error): Error {
  const [, isFolder, text, number] = SPAWN_ERROR.exec(cause.message) ?? [];
  if (number === undefined || startLimitOf(cause) !== undefined) return cause;
  if (isFolder) return notStarted(path, "its working directory no longer exists", cause);
  if (number === E2BIG) {
    return new RangeError(
      `Cannot start ${path}: its arguments are too long, the system allows 128 KiB for one and ` +
        "about 2 MiB for all, pass the path of a file instead",
      { cause },
    );
  }
  if (!(cause instanceof Deno.errors.NotFound)) return notStarted(path, text!, cause);
  return noInterpreter(path) ?? notStarted(path, reasonOfMissing(path), cause);
}

function notStarted(path: string, reason: string, { name }: Error): Error {
  return Object.assign(new Error(`Cannot start ${path}: ${reason}`), { name });
}

/** Returns the reason that a program is missing, although its worker has found it before. */
function reasonOfMissing(path: string): string {
  try {
    Deno.statSync(path);
    return "the system cannot find the loader that it names, so it is for another system or " +
      `lacks a library: file ${path} tells which`;
  } catch {
    return "it no longer exists";
  }
}

// Linux reads no more of a first line.
const MAX_FIRST_LINE = 256;

/** Returns the error of a script whose interpreter is missing; undefined for any other file. */
function noInterpreter(path: string): Error | undefined {
  let line;
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(MAX_FIRST_LINE), length = file.readSync(bytes) ?? 0;
    line = new TextDecoder().decode(bytes.subarray(0, length)).split("\n")[0]!;
  } catch {
    return undefined;
  }
  if (!line.startsWith("#!")) return undefined;
  const advice = line.endsWith("\r")
    ? `its lines end as on Windows, run sed -i 's/\\r$//' ${path}`
    : "install it or correct the line";
  const interpreter = line.slice(2).trim();
  return new Deno.errors.NotFound(
    `Cannot start ${path}: its first line names the interpreter ${interpreter}, which the system ` +
      `cannot find; ${advice}`,
  );
}

/** A receiver of bytes. */
interface Sink {
  add(bytes: Uint8Array): void;
}

// The number of bytes that are read at a time.
const READ_SIZE = 16 * 1024;
/** Buffers of this size that no pipe uses. New ones for each task would keep the collector busy. */
const spare: Uint8Array[] = [];

/** A pipe that is being read. */
class Pipe {
  #isOpen = true;
  #reader: ReadableStreamBYOBReader;
  #reading: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, sink: Sink) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#reading = this.#read(sink);
  }

  /** Waits for the end of the pipe, but not longer than a time in milliseconds. */
  async untilEnd(ms: number): Promise<void> {
    // A pipe has usually ended before the status of the program is known.
    const timer = this.#isOpen ? setTimeout(() => this.#reader.cancel(), ms) : undefined;
    await this.#reading;
    clearTimeout(timer);
  }

  async #read(sink: Sink): Promise<void> {
    let buffer = spare.pop() ?? new Uint8Array(READ_SIZE);
    for (let isOpen = true; isOpen;) {
      const { value, done } = await this.#reader.read(buffer);
      // A canceled read does not return its buffer.
      if (value === undefined) return;
      buffer = new Uint8Array(value.buffer);
      isOpen = !done;
      if (isOpen) sink.add(value.slice());
    }
    this.#isOpen = false;
    spare.push(buffer);
  }
}

/** Asks a program and its descendants to end. */
function terminate(child: Deno.ChildProcess): void {
  const others = new ProcessTree(child.pid).descendants();
  // The permissions of the job may not include its descendants.
  for (const process of [child, ...others]) sendSignal(process, "SIGTERM");
}

/** The bytes of a result. */
class ResultBytes implements Sink {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /**
   * @param most the largest number of bytes
   * @param onExcess called when there are more
   */
  constructor(readonly most: number, readonly onExcess: () => void) {}

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= this.most) this.#chunks.push(bytes);
    else if (this.#chunks.length > 0) {
      this.#chunks = [];
      this.onExcess();
    }
  }

  all(): Uint8Array {
    if (this.#length > this.most) throw largeStdout(this.most);
    const [first = new Uint8Array(), ...more] = this.#chunks;
    return more.length === 0 ? first : concatBytes(this.#chunks);
  }
}

/** Output that becomes log lines of the task: the worker captures what it writes to its streams. */
class Log implements Sink {
  /** The last characters. */
  tail = "";
  // Most programs write no log.
  #decoder: TextDecoder | undefined;

  constructor(readonly stream: "stdout" | "stderr") {}

  add(bytes: Uint8Array): void {
    this.#decoder ??= new TextDecoder();
    this.#write(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Writes what remains of a character whose last bytes have not come. */
  end(): void {
    const rest = this.#decoder?.decode();
    if (rest) this.#write(rest);
  }

  #write(text: string): void {
    this.tail = (this.tail + text).slice(-STDERR_TAIL);
    Deno[this.stream].writeSync(encodeText(text));
  }
}
