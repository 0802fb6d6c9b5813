/**
 * The engine `local`: worker processes on this machine.
 *
 * @module
 */

import type { Engine, EngineContext } from "../engine.ts";
import { UsageError } from "../errors.ts";
import type { EventBatch, Failure, FailureClass, LogLine, TaskError } from "../event.ts";
import { joinTasks, type TaskBatch } from "../task.ts";
import type { WorkerOptions } from "../worker.ts";
import { AnswerReader, type Control } from "./_answers.ts";
import { Pending, type PendingTask, TaskQueue } from "./_pending.ts";

/** Runs tasks in worker processes on this machine. */
export const local: Engine = {
  name: "local",
  async *run(tasks, context) {
    const queue = new TaskQueue(tasks, context.workers);
    const { readable, writable } = new TransformStream<EventBatch, EventBatch>();
    const running = runWorkers(queue, context, writable);
    try {
      yield* readable;
      await running;
    } finally {
      await queue.close();
    }
  },
};

async function runWorkers(
  queue: TaskQueue,
  context: EngineContext,
  writable: WritableStream<EventBatch>,
): Promise<void> {
  const events = writable.getWriter();
  // Whoever reads the stream is told of a failure there.
  events.closed.catch(() => {});
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const slots = Array.from({ length: context.workers }, async () => {
    try {
      await runSlot(queue, { ...context, signal }, events);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(slots);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) await events.abort(failure.reason);
  else await events.close();
}

/** One place for a worker: starts one when there is something to do, and another when it died. */
async function runSlot(
  queue: TaskQueue,
  context: EngineContext,
  events: WritableStreamDefaultWriter<EventBatch>,
): Promise<void> {
  while (!context.signal.aborted) {
    const suspect = queue.takeSuspect();
    const first = suspect ? joinTasks([suspect]) : await queue.take(1);
    if (!first || context.signal.aborted) return;
    const worker = new LocalWorker(queue, context, events);
    await worker.run(first, suspect !== undefined);
  }
}

// Long enough that a message costs little, short enough that the workers end together.
const BATCH_MS = 30;
const MAX_WINDOW = 8192;
const MAX_WINDOW_BYTES = 256 * 1024;

/** One worker process and the tasks that it has. */
class LocalWorker {
  #pending = new Pending();
  #reader = new AnswerReader(this.#pending, (message) => this.#control(message));
  #window: number;
  #alone = false;
  #isReady = false;
  #isEnding = false;
  #given = 0;
  #room = Promise.withResolvers<void>();
  #lastRead = performance.now();
  #lastFailure: FailureClass | undefined;
  #broken: TaskError | undefined;
  #stderr = "";

  constructor(
    readonly queue: TaskQueue,
    readonly context: EngineContext,
    readonly events: WritableStreamDefaultWriter<EventBatch>,
  ) {
    this.#window = context.concurrency;
  }

  /** Runs tasks, the first ones first, until there are no more or the process is gone. */
  async run(first: TaskBatch, alone: boolean): Promise<void> {
    this.#alone = alone;
    const process = this.#spawn();
    const kill = () => killGroup(process);
    this.context.signal.addEventListener("abort", kill);
    try {
      const reading = Promise.all([this.#readAnswers(process), this.#readStderr(process)]);
      // A worker that dies while it is fed is dealt with when its answers have been read.
      await this.#feed(process, first).catch(() => {});
      const [status] = await Promise.all([process.status, reading]);
      await this.#ended(status);
    } finally {
      this.context.signal.removeEventListener("abort", kill);
      kill();
    }
  }

  #spawn(): Deno.ChildProcess {
    const { bundle, concurrency, env } = this.context;
    const options: WorkerOptions = { concurrency };
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-lock", "--allow-all", bundle, JSON.stringify(options)],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // A group of its own: Ctrl-C is for the controller, and its children end with it.
      detached: true,
    }).spawn();
  }

  async #feed(process: Deno.ChildProcess, first: TaskBatch): Promise<void> {
    const writer = process.stdin.getWriter();
    for (let batch: TaskBatch | undefined = first; batch; batch = await this.#next()) {
      this.#pending.push(batch);
      this.#given += batch.ids.length;
      await writer.write(batch.bytes);
      await this.#untilRoom();
    }
    this.#isEnding = true;
    await writer.close();
  }

  async #next(): Promise<TaskBatch | undefined> {
    if (this.context.signal.aborted) return undefined;
    const suspect = this.queue.takeSuspect();
    // Nothing else may be with it, so that it alone is charged.
    if (suspect && this.#pending.count > 0) {
      this.queue.suspect([suspect]);
      return undefined;
    }
    this.#alone = suspect !== undefined;
    return suspect
      ? joinTasks([suspect])
      : await this.queue.take(this.#window - this.#pending.count);
  }

  async #untilRoom(): Promise<void> {
    const { concurrency } = this.context;
    const most = () => this.#alone ? 0 : Math.max(this.#window / 2, concurrency - 1);
    while (this.#pending.count > most() && !this.#isEnding) {
      this.#room = Promise.withResolvers();
      await this.#room.promise;
    }
  }

  async #readAnswers(process: Deno.ChildProcess): Promise<void> {
    for await (const chunk of process.stdout) {
      const before = this.#pending.count;
      await this.#send(this.#reader.read(chunk));
      this.#adapt(before - this.#pending.count);
    }
    await this.#send(this.#reader.end());
    this.#isEnding = true;
    this.#room.resolve();
  }

  async #send(batch: EventBatch | undefined): Promise<void> {
    if (!batch) return;
    this.#lastFailure = batch.failures.at(-1)?.event.type === "failed"
      ? batch.failures.at(-1)?.event.error.class
      : undefined;
    await this.events.write(batch);
  }

  /** As many tasks on the way as take about {@linkcode BATCH_MS}, and twice the last at the most. */
  #adapt(answered: number): void {
    const now = performance.now();
    const each = (now - this.#lastRead) / Math.max(answered, 1);
    this.#lastRead = now;
    if (answered === 0) return;
    const wanted = Math.round(BATCH_MS / each);
    this.#window = clamp(wanted, this.context.concurrency, Math.min(this.#window * 2, MAX_WINDOW));
    this.#room.resolve();
  }

  async #readStderr(process: Deno.ChildProcess): Promise<void> {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      // The end is where a dying process says why.
      this.#stderr = (this.#stderr + text).slice(-4096);
      await this.#send(onlyLogs([this.#logLine(text)]));
    }
  }

  #logLine(text: string): LogLine {
    return { id: this.#pending.first ?? -1, attempt: 1, stream: "stderr", text };
  }

  #control(message: Control): void {
    if ("broken" in message) this.#broken = message.broken;
    else this.#idle(message.idle);
  }

  // Nothing is under way there, so what is still missing here got lost on the way back.
  #idle(taken: number): void {
    this.#isReady = true;
    if (taken === this.#given && this.#pending.count > 0) {
      this.queue.suspect(this.#pending.takeAll());
    }
    this.#room.resolve();
  }

  async #ended(status: Deno.CommandStatus): Promise<void> {
    if (this.context.signal.aborted) return;
    if (this.#broken) throw brokenCode(this.#broken);
    if (!this.#isReady) throw brokenStart(this.#stderr, status);
    const rest = this.#pending.takeAll();
    // The one that ended the worker has said so: the others are innocent.
    if (rest.length === 1 && this.#lastFailure !== "crash") {
      await this.events.write(this.#charge(rest[0]!, status));
    } else this.queue.suspect(rest);
  }

  #charge({ id, line }: PendingTask, status: Deno.CommandStatus): EventBatch {
    const error = toDeath(status, this.#stderr);
    const attempt = attemptOf(line);
    const failure: Failure = { event: { id, attempt, type: "failed", ms: 0, error }, task: line };
    return { ...onlyLogs([]), failures: [failure] };
  }
}

function onlyLogs(logs: readonly LogLine[]): EventBatch {
  const none = new Uint8Array(0);
  return { lines: none, results: none, succeeded: 0, failures: [], logs };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

function attemptOf(line: Uint8Array): number {
  return Number(/^\{"id":\d+,"attempt":(\d+)/.exec(new TextDecoder().decode(line))?.[1] ?? 1);
}

function toDeath(status: Deno.CommandStatus, stderr: string): TaskError {
  const how = status.signal ? `by ${status.signal}` : `with exit code ${status.code}`;
  const said = stderr.trim().split("\n").at(-1);
  return {
    message: `the worker ended ${how} during this task${said ? `: ${said}` : ""}`,
    type: "WorkerDied",
    class: "crash",
  };
}

function brokenCode(error: TaskError): UsageError {
  return new UsageError(
    `Cannot load the function: its module threw ${error.type}: ${error.message}\n${
      error.stack ?? ""
    }`.trim(),
  );
}

function brokenStart(stderr: string, status: Deno.CommandStatus): UsageError {
  const said = stderr.trim().replace(/^error: /, "");
  return new UsageError(`Cannot start a worker: ${said || `it ended with ${status.code}`}`);
}

function killGroup(process: Deno.ChildProcess): void {
  try {
    Deno.kill(-process.pid, "SIGKILL");
  } catch {
    // It has ended, and all it started too.
  }
}
