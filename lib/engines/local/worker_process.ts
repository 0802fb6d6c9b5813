/**
 * One worker process, from its start to its end, and its pipes.
 *
 * @module
 */

import { workerCommand } from "../../worker/command.ts";
import type { WorkerOptions } from "../../worker/protocol.ts";
import type { EngineContext } from "../engine.ts";
import { type ChunkConsumer, readDoubleBuffered } from "./double_buffer.ts";

// The number of characters to keep. The last lines of stderr usually name the reason for a death.
const STDERR_TAIL = 4096;
// The longest wait for the pipes. A child that left the process group may keep a pipe open forever.
const DRAIN_MS = 1000;

/** The limits of one worker. */
export interface WorkerLimits {
  /** The longest run time of one attempt, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that the process may use, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
}

/** A running worker process and its pipes. It does not interpret the bytes that it passes. */
export class WorkerProcess {
  /** Resolves with the exit status when the process has ended. */
  readonly status: Promise<Deno.CommandStatus>;
  #child: Deno.ChildProcess;
  #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #stderr = "";

  /** Starts the process. */
  constructor(context: EngineContext, limits: WorkerLimits) {
    this.#child = spawn(context, limits);
    this.#stdin = this.#child.stdin.getWriter();
    this.status = this.#child.status;
  }

  /** The id of the process and of its process group. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The last 4096 characters that the process wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Writes byte arrays to stdin. Resolves when the pipe has accepted all of them. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    await Promise.all(pieces.map((piece) => this.#stdin.write(piece)));
  }

  /** Closes stdin. The process then exits after its last task. */
  async closeStdin(): Promise<void> {
    await this.#stdin.close();
  }

  /**
   * Reads stdout to its end.
   *
   * @returns the unused bytes at the end of stdout
   */
  readStdout<Parsed extends { readonly used: number }>(
    consumer: ChunkConsumer<Parsed>,
  ): Promise<Uint8Array> {
    return readDoubleBuffered(this.#child.stdout, consumer);
  }

  /** Reads stderr to its end, and passes each piece of text to a function. */
  async readStderr(onText: (text: string) => Promise<void>): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
      await onText(text);
    }
  }

  /** Kills the process and its children. */
  kill(): void {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The process and its children have ended already.
    }
  }

  /** Kills remaining children of the ended process, and waits at most `DRAIN_MS` for its pipes. */
  async drain(reading: Promise<unknown>): Promise<void> {
    this.kill();
    const timer = Promise.withResolvers<void>();
    const id = setTimeout(timer.resolve, DRAIN_MS);
    await Promise.race([reading, timer.promise]);
    clearTimeout(id);
  }
}

function spawn(context: EngineContext, { memory, timeout }: WorkerLimits): Deno.ChildProcess {
  const { bundle, concurrency, env, permissions, values } = context;
  // When limits are set, the worker flushes each response at once. A kill is then charged to the
  // right task.
  const flushMs = memory || timeout ? 0 : undefined;
  const options = JSON.stringify({ concurrency, flushMs, values } satisfies WorkerOptions);
  const command = workerCommand(bundle, { permissions, memory, options });
  return new Deno.Command(Deno.execPath(), {
    args: command.args,
    // Error messages of Deno become plain text in the journal, so they must have no colours.
    env: { NO_COLOR: "1", ...command.env, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // The worker has a separate process group. Ctrl-C reaches only the controller, and a kill also
    // ends the worker's children.
    detached: true,
  }).spawn();
}
