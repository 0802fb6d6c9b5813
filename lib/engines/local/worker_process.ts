/**
 * One worker process: how it starts, its pipes, and how it ends.
 *
 * @module
 */

import { workerCommand } from "../../worker/command.ts";
import type { WorkerOptions } from "../../worker/protocol.ts";
import type { EngineContext } from "../engine.ts";
import { type ChunkConsumer, readDoubleBuffered } from "./double_buffer.ts";

// A dying process says why in its last lines.
const STDERR_TAIL = 4096;
// A child that left the process group may hold the pipe open forever.
const DRAIN_MS = 1000;

/** The limits of one worker. */
export interface WorkerLimits {
  /** The longest that one attempt may run, in milliseconds. @default {no limit} */
  readonly timeout?: number | undefined;
  /** The most memory that the process may take, in bytes. @default {no limit} */
  readonly memory?: number | undefined;
}

/** A running worker process, which knows nothing of the tasks that pass through its pipes. */
export class WorkerProcess {
  /** Settles when the process has ended. */
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

  /** The id of the process, which is also that of its group. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The last text that the process wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Writes pieces to stdin. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    await Promise.all(pieces.map((piece) => this.#stdin.write(piece)));
  }

  /** Closes stdin: the process exits when its last task has ended. */
  async closeStdin(): Promise<void> {
    await this.#stdin.close();
  }

  /**
   * Reads stdout to its end.
   *
   * @returns the bytes at the end that were not used
   */
  readStdout<Parsed extends { readonly used: number }>(
    consumer: ChunkConsumer<Parsed>,
  ): Promise<Uint8Array> {
    return readDoubleBuffered(this.#child.stdout, consumer);
  }

  /** Reads stderr to its end. */
  async readStderr(onText: (text: string) => Promise<void>): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
      await onText(text);
    }
  }

  /** Kills the process and all that it started. */
  kill(): void {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // The process and all that it started have ended.
    }
  }

  /** Waits until the pipes of the ended process have been read, but not long. */
  async drain(reading: Promise<unknown>): Promise<void> {
    this.kill();
    const timer = Promise.withResolvers<void>();
    const id = setTimeout(timer.resolve, DRAIN_MS);
    await Promise.race([reading, timer.promise]);
    clearTimeout(id);
  }
}

function spawn(context: EngineContext, { memory, timeout }: WorkerLimits): Deno.ChildProcess {
  const { bundle, concurrency, env, permissions } = context;
  // With limits each response is flushed at once, so that a kill is blamed on the right task.
  const flushMs = memory || timeout ? 0 : undefined;
  const options = JSON.stringify({ concurrency, flushMs } satisfies WorkerOptions);
  const command = workerCommand(bundle, { permissions, memory, options });
  return new Deno.Command(Deno.execPath(), {
    args: command.args,
    // What Deno itself says of a dying worker is kept as text.
    env: { NO_COLOR: "1", ...command.env, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // A process group of its own: Ctrl-C is for the controller, and its children end with it.
    detached: true,
  }).spawn();
}
