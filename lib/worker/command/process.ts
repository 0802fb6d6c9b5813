/**
 * One run of a program, from its start to its end.
 *
 * @module
 */

import { encodeText } from "../../util/builtins.ts";
import { concatBytes } from "../../util/bytes.ts";
import { ProcessTree } from "../../util/process_tree.ts";

/** The end of a program, and its output. */
export interface ProcessEnd {
  readonly status: Deno.CommandStatus;
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
  /** Aborted when the program must end. @default {never} */
  readonly signal?: AbortSignal | undefined;
}

// The number of characters of stderr to keep.
const STDERR_TAIL = 4096;
// A longer text does not fit into a result.
const MAX_STDOUT = 2 ** 28;
// The longest wait for the pipes after the end of a program. A child may keep a pipe open forever.
const DRAIN_MS = 1000;

/**
 * Runs a program to its end. Its stdin is empty, and its stderr is logged as it arrives.
 *
 * The program stays in the process group of the worker, so whatever kills the worker also ends the
 * program. A group of its own would also take five times as long to start, because Deno then copies
 * its own process.
 *
 * @param path the path of the program
 * @throws {RangeError} when stdout is too long for a result.
 * @throws {Error} when the system cannot start the program.
 */
export async function runProcess(
  path: string,
  args: readonly string[],
  { env, isLogged, signal }: ProcessStart,
): Promise<ProcessEnd> {
  const child = new Deno.Command(path, {
    args: args as string[],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = () => terminate(child);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  const result = new ResultBytes(end), errors = new Log("stderr");
  const output = isLogged ? new Log("stdout") : result;
  const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
  const reading = Promise.all([pump(readers[0], output), pump(readers[1], errors)]);
  const status = await child.status;
  signal?.removeEventListener("abort", end);
  if (!await isSettled(reading, DRAIN_MS)) { for (const reader of readers) reader.cancel(); }
  return { status, stdout: result.all(), stderr: errors.tail };
}

/** A receiver of bytes. */
interface Sink {
  add(bytes: Uint8Array): void;
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, sink: Sink): Promise<void> {
  for (let next; !(next = await reader.read()).done;) sink.add(next.value);
}

/** Waits for a promise. Returns false when it takes longer than a limit. */
async function isSettled(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  const isDone = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

/** Asks a program and its descendants to end. */
function terminate(child: Deno.ChildProcess): void {
  const others = new ProcessTree(child.pid).descendants();
  for (const kill of [() => child.kill("SIGTERM"), ...others.map((pid) => () => Deno.kill(pid))]) {
    try {
      kill();
    } catch {
      // The process has ended, or the permissions of the job do not include its descendants.
    }
  }
}

/** The bytes of a result. */
class ResultBytes implements Sink {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** @param onExcess called when there are too many bytes */
  constructor(readonly onExcess: () => void) {}

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= MAX_STDOUT) this.#chunks.push(bytes);
    else if (this.#chunks.length > 0) {
      this.#chunks = [];
      this.onExcess();
    }
  }

  all(): Uint8Array {
    if (this.#length > MAX_STDOUT) throw new RangeError(TOO_LONG);
    const [first = new Uint8Array(), ...more] = this.#chunks;
    return more.length === 0 ? first : concatBytes(this.#chunks);
  }
}

const TOO_LONG = "its stdout is larger than 256 MiB: let it write a file below $DL_JOBS_DIR, and " +
  "pass --stdout none";

/** Output that becomes log lines of the task: the worker captures what it writes to its streams. */
class Log implements Sink {
  /** The last characters. */
  tail = "";
  #decoder = new TextDecoder();

  constructor(readonly stream: "stdout" | "stderr") {}

  add(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.tail = (this.tail + text).slice(-STDERR_TAIL);
    Deno[this.stream].writeSync(encodeText(text));
  }
}
