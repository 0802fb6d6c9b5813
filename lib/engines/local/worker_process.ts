/**
 * One worker process, from its start to its end, with its pipes and its channel.
 *
 * @module
 */

import { ProcessTree } from "../../util/process/process_tree.ts";
import { exitStatusOf, type ProcessStatus } from "../../util/process/process_status.ts";
import { existsOr } from "../../util/files/fs.ts";
import { interpreterError } from "../../util/process/interpreter_error.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { valueWithin } from "../../util/time/value_within.ts";
import { inOwnSession } from "../../util/process/own_session.ts";
import { findToken } from "../../worker/channel.ts";
import { channelFlags, workerCommand } from "../../worker/command.ts";
import type { WorkerOptions } from "../../worker/protocol.ts";
import type { EngineContext } from "../engine.ts";
import { newInspector } from "./inspector.ts";
import { asRefusedStart } from "./refused_starts.ts";
import { TracebackFile } from "./traceback_file.ts";
import { type WorkerChannel, WorkerListener } from "./worker_channel.ts";

// The number of characters to keep. The last lines of stderr usually name the reason for a death.
const STDERR_TAIL = 4096;
// The longest wait for the pipes. A child that left the process group may keep a pipe open forever.
const DRAIN_MS = 1000;

/** The limits of one worker. */
export interface WorkerLimits {
  /** The longest run time of one attempt, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that the process and its descendants may use, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
}

/** The part of a job that its worker processes need. */
export type WorkerContext = Pick<
  EngineContext,
  | "job"
  | "bundle"
  | "cachedProgram"
  | "files"
  | "grace"
  | "concurrency"
  | "env"
  | "inspectable"
  | "isCheck"
  | "isOnTerminal"
  | "isSandboxed"
  | "permissions"
  | "python"
  | "reduce"
  | "values"
>;

/**
 * A running worker process. It loads no user code before {@linkcode WorkerProcess.begin}, and does
 * not interpret the bytes that it passes.
 */
export class WorkerProcess {
  /** Resolves with the exit status when the process has ended. */
  readonly status: Promise<ProcessStatus>;
  /** The process and its descendants. */
  readonly tree: ProcessTree;
  /** Resolves with the worker's channel; undefined when the process ended before it connected. */
  readonly channel: Promise<WorkerChannel | undefined>;
  #child: Deno.ChildProcess;
  /** True when the program is in Python. */
  readonly isPython: boolean;
  #hasEnded = false;
  #begun = Promise.withResolvers<void>();
  /** The token of a process on the terminal, whose stdout is not read. */
  #token: string | undefined;
  #stdout: AsyncIterator<string>;
  /** The text on stdout before the channel was open, without the token. */
  #text = "";
  #stderr = "";
  /** Undefined for a script, and for a worker on the terminal, whose stack is not read. */
  #tracebacks: TracebackFile | undefined;
  /** The traceback that is being read. */
  #dumping: Promise<string> | undefined;
  /** The host and the port of the debugger, if the job is inspectable. */
  readonly inspector: string | undefined;

  /**
   * Starts the process.
   *
   * @throws {UsageError} when this process may not create the socket of the channel, or there is no
   * interpreter.
   * @throws {RefusedStart} when the system starts no more processes.
   */
  constructor(context: WorkerContext, limits: WorkerLimits) {
    this.isPython = context.bundle.endsWith(".py");
    this.inspector = context.inspectable && !this.isPython ? newInspector() : undefined;
    const listener = new WorkerListener();
    try {
      this.#token = context.isOnTerminal ? crypto.randomUUID() : undefined;
      if (this.isPython && !this.#token) this.#tracebacks = new TracebackFile(listener.path);
      const { inspector } = this;
      this.#child = spawn(context, limits, {
        socket: listener.path,
        token: this.#token,
        inspector,
      });
    } catch (error) {
      listener[Symbol.dispose]();
      this.#tracebacks?.[Symbol.dispose]();
      const { python } = context, refused = asRefusedStart(error);
      throw python ? interpreterError("start a worker", python[0]!, refused) : refused;
    }
    this.tree = new ProcessTree(this.#child.pid);
    this.status = exitStatusOf(this.#child);
    this.#stdout = this.#textOf("stdout");
    this.channel = this.#takeToken().then((token) => listener.accept(token, this.#begun.promise));
    this.status.finally(() => {
      this.#hasEnded = true;
      this.begin();
      listener[Symbol.dispose]();
      this.#tracebacks?.[Symbol.dispose]();
    });
  }

  /** The id of the process and of its process group. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Lets the worker load the user's code. */
  begin(): void {
    this.#begun.resolve();
  }

  /** The last 4096 characters that the process wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Reads stdout, to which only children and native code of tasks write, to its end. */
  async readStdout(onText: (text: string) => Promise<void>): Promise<void> {
    if (await this.channel && this.#text !== "") await onText(this.#text);
    for (let next; !(next = await this.#stdout.next()).done;) await onText(next.value);
  }

  /** Reads stderr to its end, and passes each piece of text to a function. */
  async readStderr(onText: (text: string) => Promise<void>): Promise<void> {
    for await (const text of this.#textOf("stderr")) {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
      await onText(text);
    }
  }

  /**
   * Returns the traceback of a program in Python, which writes it even while native code runs. Calls
   * at the same time get the same traceback.
   *
   * @param ms the longest wait, in milliseconds
   * @returns an empty text when there is none.
   */
  async dumpStack(ms: number): Promise<string> {
    if (this.#hasEnded || !this.#tracebacks) return "";
    // Other programs in the process group ignore this signal.
    const ask = () => sendSignal(-this.pid, "SIGWINCH");
    this.#dumping ??= this.#tracebacks.read(ask, ms).finally(() => this.#dumping = undefined);
    return await this.#dumping;
  }

  /** Yields the text on a stream, which is empty for a process on the terminal. */
  async *#textOf(name: "stdout" | "stderr"): AsyncGenerator<string> {
    if (this.#token !== undefined) return;
    // V8 compiles the code of a transform stream for longer than this loop runs.
    const decoder = new TextDecoder();
    for await (const bytes of this.#child[name]) {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== "") yield text;
    }
    const rest = decoder.decode();
    if (rest !== "") yield rest;
  }

  /** Takes the worker's token from stdout, where imports of the program may have written before. */
  async #takeToken(): Promise<string | undefined> {
    if (this.#token !== undefined) return this.#token;
    for (let next; !(next = await this.#stdout.next()).done;) {
      const found = findToken(this.#text += next.value);
      this.#text = found?.rest ?? this.#text;
      if (found) return found.token;
    }
    return undefined;
  }

  /**
   * Lets a worker that runs a call read its channel. A worker in Python reads it between two
   * instructions of the call when it receives this signal, which all other programs ignore.
   */
  interrupt(): void {
    if (this.isPython) Deno.kill(this.#token === undefined ? -this.pid : this.pid, "SIGURG");
  }

  /** Kills the process and its descendants. */
  kill(): void {
    this.tree.kill();
    // A process on the terminal leads no process group, nor does one that has just started.
    if (!this.#hasEnded) sendSignal(this.#child, "SIGKILL");
  }

  /**
   * Kills remaining children of the ended process, and waits at most `DRAIN_MS` until its pipes and
   * its channel have been read.
   */
  async drain(reading: Promise<unknown>): Promise<void> {
    this.kill();
    if (!(await this.status).success) this.tree.killSession();
    await valueWithin(reading, DRAIN_MS);
    (await this.channel)?.close();
  }
}

interface SpawnOptions {
  readonly socket: string;
  readonly token: string | undefined;
  readonly inspector: string | undefined;
}

function spawn(
  context: WorkerContext,
  { memory, timeout }: WorkerLimits,
  { socket, token, inspector }: SpawnOptions,
): Deno.ChildProcess {
  const { job, files, grace, concurrency, env, permissions, python, isSandboxed } = context;
  const { values, isCheck, reduce } = context;
  // When limits are set, the worker flushes each response at once. A kill is then charged to the
  // right task.
  const flushMs = memory || timeout ? 0 : undefined;
  const options = JSON.stringify(
    {
      job,
      files,
      grace,
      concurrency,
      flushMs,
      values,
      reduce,
      isCheck,
      socket,
      token,
    } satisfies WorkerOptions,
  );
  const command = workerCommand(programOf(context), {
    permissions: [...permissions, ...channelFlags(permissions, socket)],
    files,
    memory,
    options,
    python,
    inspect: inspector && `--inspect=${inspector}`,
    sandbox: isSandboxed ? { socket, files } : undefined,
  });
  // The worker has a separate process group. Ctrl-C reaches only the controller, and a kill also
  // ends the worker's children.
  const captured = { ...inOwnSession(command.executable, command.args), ...CAPTURED };
  const { executable, ...how } = token === undefined ? captured : command;
  return new Deno.Command(executable, {
    ...how,
    // Error messages of Deno become plain text in the journal, so they must have no colours. Every
    // worker would ask for the latest version of Deno.
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...command.env, ...env },
  }).spawn();
}

const CAPTURED = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

/** Returns the path of the program. The cache may have been emptied since the run began. */
function programOf({ bundle, cachedProgram }: WorkerContext): string {
  return cachedProgram !== undefined && existsOr(cachedProgram, false) ? cachedProgram : bundle;
}
