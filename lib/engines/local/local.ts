/**
 * The engine `local`: worker processes on this machine.
 *
 * @module
 */

import type { Engine, EngineContext } from "../engine.ts";
import { UsageError } from "../../util/errors.ts";
import {
  type EventBatch,
  type FailedAttempt,
  type FailureClass,
  type LogLine,
  NO_EVENTS,
  type Span,
  type TaskError,
} from "../../journal/format.ts";
import { type Limits, type Task, withHeads } from "../../tasks/batch.ts";
import { launch } from "../../worker/command.ts";
import type { Activity } from "../../terminal/progress_line.ts";
import type { WorkerOptions } from "../../worker/main.ts";
import { shortenMissing } from "../../util/remote.ts";
import { type Control, ResponseReader } from "../shared/response_reader.ts";
import { brokenCode } from "../shared/load_error.ts";
import { gpusOfSlots } from "./gpus.ts";
import { Guard } from "./orphan_reaper.ts";
import { Handover } from "./ack_channel.ts";
import { InFlight } from "../shared/in_flight.ts";
import { onlySpan, SpanWriter } from "../shared/busy_spans.ts";
import { type Taken, type Taker, TaskQueue } from "./task_queue.ts";
import { type Verdict, Watch } from "./watchdog.ts";

/** Runs tasks in worker processes on this machine. */
export const local: Engine = {
  name: "local",
  async *run(tasks, context) {
    const slots = gpusOfSlots(context);
    await using guard = new Guard();
    const queue = new TaskQueue(tasks, slots.length);
    const events = new Handover<EventBatch>();
    const workers = new Set<LocalWorker>();
    context.observe?.(() => activityOf(workers, slots.length));
    const running = runWorkers({ queue, guard, context, events, workers }, slots);
    try {
      yield* events;
    } finally {
      await running;
      await queue.close();
    }
  },
};

/** What all workers of a run share. */
interface Pool {
  readonly queue: TaskQueue;
  readonly guard: Guard;
  readonly context: EngineContext;
  readonly events: Handover<EventBatch>;
  /** Those that run. */
  readonly workers: Set<LocalWorker>;
}

function activityOf(all: ReadonlySet<LocalWorker>, workers: number): Activity {
  const running = [...all].map((worker) => worker.running).filter((count) => count > 0);
  return { running: running.reduce((a, b) => a + b, 0), busy: running.length, workers };
}

async function runWorkers(
  pool: Pool,
  variables: readonly Readonly<Record<string, string>>[],
): Promise<void> {
  const { context, queue, events } = pool;
  const failed = new AbortController();
  // When nobody takes the events any more, all ends.
  events.left.then(() => failed.abort());
  const signal = AbortSignal.any([context.signal, failed.signal]);
  for (const one of [signal, context.stop]) one.addEventListener("abort", () => queue.wake());
  const slots = variables.map((env, slot) =>
    runSlot({
      ...pool,
      spans: new SpanWriter(String(slot)),
      context: { ...context, signal, env: { ...context.env, ...env } },
    })
      .catch((error) => failed.abort(error))
  );
  await Promise.all(slots);
  if (queue.failure) failed.abort(queue.failure.reason);
  events.end(failed.signal.aborted ? { error: failed.signal.reason } : {});
}

/** One place for a worker. */
interface Slot extends Pool {
  readonly spans: SpanWriter;
}

/** Starts a worker when there is something to do, and another when it died. */
async function runSlot(pool: Slot): Promise<void> {
  const { signal, stop, concurrency } = pool.context;
  const taker: Taker = {
    get state() {
      return signal.aborted || stop.aborted ? "gone" : "idle";
    },
  };
  let failedStarts = 0;
  let next = await pool.queue.take(concurrency, taker);
  while (next) {
    const worker = new LocalWorker(pool, next.batch.limits);
    next = await worker.run(next) ?? await pool.queue.take(concurrency, taker);
    failedStarts = worker.isReady ? 0 : failedStarts + 1;
    if (failedStarts >= MAX_FAILED_STARTS && !signal.aborted) throw worker.startError();
  }
  await giveSpan(pool, pool.spans.end());
}

async function giveSpan({ events }: Slot, span: Span | undefined): Promise<void> {
  for (const batch of onlySpan(span)) await events.give(batch);
}

// Something outside may end a worker that starts, but hardly this often in a row.
const MAX_FAILED_STARTS = 5;
// Long enough that a message costs little, short enough that the workers end together.
const BATCH_MS = 160;
const MAX_WINDOW = 32768;
// How long answers are counted at least to tell how long a task takes.
const MEASURE_MS = 1;
// A short task says little about the next ones.
const MAX_GROWTH = 8;
// More than a pipe holds, so that one read takes all that is there.
const READ_SIZE = 256 * 1024;
// An escaped child may hold the pipe open for ever.
const DRAIN_MS = 1000;

/** One worker process and the tasks that it has. */
class LocalWorker implements Taker {
  /** Whether it has loaded the function. */
  isReady = false;
  #pending = new InFlight();
  #reader: ResponseReader;
  #watch: Watch | undefined;
  #window: number;
  #isAlone = false;
  #isGone = false;
  #given = 0;
  #room = Promise.withResolvers<void>();
  #carry: Taken | undefined;
  #measured = performance.now();
  #answered = 0;
  #lastEach = Infinity;
  #lastFailure: FailureClass | undefined;
  #broken: TaskError | undefined;
  #stderr = "";

  constructor(readonly pool: Slot, readonly limits: Limits | undefined) {
    const { concurrency } = pool.context;
    // With several calls at a time some must wait already when the first ones end.
    this.#window = concurrency === 1 ? 1 : 2 * concurrency;
    this.#reader = new ResponseReader(this.#pending, (message) => this.#control(message));
  }

  /** How many tasks it has under way. */
  get running(): number {
    return Math.min(this.#pending.count, this.pool.context.concurrency);
  }

  get state(): Taker["state"] {
    const { signal, stop } = this.pool.context;
    if (this.#isGone || signal.aborted || stop.aborted) return "gone";
    return this.#pending.count > 0 ? "busy" : "idle";
  }

  /** Runs tasks until there are no more, or the process is gone, and gives what it cannot take. */
  async run(first: Taken): Promise<Taken | undefined> {
    const { signal } = this.pool.context;
    const process = this.#spawn();
    this.pool.guard.add(process.pid);
    this.pool.workers.add(this);
    const kill = () => killGroup(process);
    signal.addEventListener("abort", kill);
    this.#watch = new Watch({ ...this.#bounds(), pid: process.pid, kill });
    try {
      const reading = Promise.all([this.#readAnswers(process), this.#readStderr(process)]);
      // It is waited for below; until then nobody may take its failure for one that is not.
      reading.catch(() => {});
      // A worker that dies while it is fed is dealt with when its answers have been read.
      const feeding = this.#feed(process, first).catch(() => {});
      const status = await process.status;
      await this.#drain(process, reading);
      await feeding;
      await this.#ended(status);
    } finally {
      this.#watch[Symbol.dispose]();
      signal.removeEventListener("abort", kill);
      this.pool.guard.remove(process.pid);
      this.pool.workers.delete(this);
    }
    return this.#carry;
  }

  /** Why no worker starts. */
  startError(): UsageError {
    const said = this.#stderr.split("\n\nStack backtrace:")[0]!.trim().replace(/^error: /, "");
    const why = shortenMissing(said) || "it ends at once, without a word";
    return new UsageError(`Cannot start a worker: ${why}`);
  }

  #bounds() {
    const { timeout, memory, concurrency } = this.pool.context;
    return {
      ...(timeout ? { timeout } : {}),
      ...(memory ? { memory } : {}),
      ...this.limits,
      concurrency,
    };
  }

  #spawn(): Deno.ChildProcess {
    const { bundle, concurrency, env, permissions } = this.pool.context;
    const { memory, timeout } = this.#bounds();
    // Where somebody may have to be charged, no answer waits.
    const options: WorkerOptions = { concurrency, ...(memory || timeout ? { flushMs: 0 } : {}) };
    const launched = launch(bundle, { permissions, memory, options: JSON.stringify(options) });
    return new Deno.Command(Deno.execPath(), {
      args: launched.args,
      // What Deno itself says of a dying worker is kept as text.
      env: { NO_COLOR: "1", ...launched.env, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // A group of its own: Ctrl-C is for the controller, and its children end with it.
      detached: true,
    }).spawn();
  }

  async #feed(process: Deno.ChildProcess, first: Taken): Promise<void> {
    const writer = process.stdin.getWriter();
    for (let next: Taken | undefined = first; next; next = await this.#next()) {
      if (this.#isGone) return this.pool.queue.giveBack([...next.batch]);
      this.#isAlone = next.isSuspect;
      if (this.#pending.count === 0) await giveSpan(this.pool, this.pool.spans.begin());
      this.#pending.push(next.batch);
      this.#given += next.batch.count;
      this.#watch!.running(this.#pending);
      await Promise.all(withHeads(next.batch).map((piece) => writer.write(piece)));
      await this.#untilRoom();
    }
    await writer.close();
  }

  async #next(): Promise<Taken | undefined> {
    const next = await this.pool.queue.take(Math.ceil(this.#window - this.#pending.count), this);
    if (!next || next.batch.limits === this.limits) return next;
    // Another worker is needed for these.
    this.#carry = next;
    return undefined;
  }

  async #untilRoom(): Promise<void> {
    const { concurrency } = this.pool.context;
    // Those that run do not count: half of those that wait must be there still.
    const most = () => this.#isAlone ? 0 : (this.#window + concurrency - 1) / 2;
    while (this.#pending.count > most() && !this.#isGone) {
      this.#room = Promise.withResolvers();
      await this.#room.promise;
    }
  }

  async #readAnswers(process: Deno.ChildProcess): Promise<void> {
    const reader = process.stdout.getReader({ mode: "byob" });
    let spare = new Uint8Array(READ_SIZE), rest: Uint8Array = new Uint8Array(0);
    let reading = reader.read(new Uint8Array(READ_SIZE));
    for (;;) {
      const { value, done } = await reading;
      if (done) break;
      // The buffer was handed over, and comes back.
      const buffer = new Uint8Array(value.buffer);
      const bytes = buffer.subarray(0, rest.length + value.length);
      const { count, first } = this.#pending;
      const { used, batches } = this.#reader.read(bytes);
      const answered = count - this.#pending.count;
      rest = bytes.subarray(used);
      // Before the next tasks are given: then another span begins.
      const span = answered > 0
        ? this.pool.spans.add(first!, answered, countFailures(batches))
        : undefined;
      this.#adapt(answered);
      this.#watch!.running(this.#pending);
      // A long answer needs more room.
      if (spare.length < 2 * rest.length) spare = new Uint8Array(4 * rest.length);
      spare.set(rest);
      // The worker goes on while this is dealt with.
      reading = reader.read(spare.subarray(rest.length));
      for (const batch of batches) await this.#send(batch);
      await giveSpan(this.pool, span);
      spare = buffer;
    }
    for (const batch of this.#reader.end(rest)) await this.#send(batch);
  }

  async #send(batch: EventBatch): Promise<void> {
    this.#lastFailure = batch.failures.at(-1)?.event.error.class;
    await this.#watch!.deaf(this.pool.events.give(batch));
  }

  /** Lets as many tasks wait as take about {@linkcode BATCH_MS}, but not many times the last at once. */
  #adapt(answered: number): void {
    if (answered === 0) return;
    this.#answered += answered;
    this.#room.resolve();
    if (this.#pending.count === 0) this.pool.queue.wake();
    const now = performance.now(), ms = now - this.#measured;
    // ResponseWriter may come in several reads.
    if (ms < MEASURE_MS) return;
    const each = ms / this.#answered;
    // One slow read may be a busy moment of this side.
    const fit = Math.round(BATCH_MS / Math.min(each, this.#lastEach));
    this.#measured = now;
    this.#answered = 0;
    this.#lastEach = each;
    const { concurrency, chunk = fit } = this.pool.context;
    const most = Math.max(concurrency, Math.min(this.#window * MAX_GROWTH, MAX_WINDOW));
    // One of those that wait is about to run.
    this.#window = clamp(chunk + concurrency - 1, concurrency, most);
  }

  async #readStderr(process: Deno.ChildProcess): Promise<void> {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      // The end is where a dying process says why.
      this.#stderr = (this.#stderr + text).slice(-4096);
      if (this.isReady) await this.#send({ ...NO_EVENTS, logs: [this.#logLine(text)] });
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
    this.isReady = true;
    this.#watch!.running(this.#pending, { isReady: true });
    if (taken === this.#given && this.#pending.count > 0) {
      this.pool.queue.suspect(this.#pending.takeAll());
    }
    this.#room.resolve();
  }

  /** Reads what the process left in its pipes. */
  async #drain(process: Deno.ChildProcess, reading: Promise<unknown>): Promise<void> {
    this.#isGone = true;
    this.#room.resolve();
    this.pool.queue.wake();
    killGroup(process);
    const timer = Promise.withResolvers<void>();
    const id = setTimeout(timer.resolve, DRAIN_MS);
    await Promise.race([reading, timer.promise]);
    clearTimeout(id);
  }

  async #ended(status: Deno.CommandStatus): Promise<void> {
    const { queue, context } = this.pool;
    if (context.signal.aborted) return;
    if (this.#broken) throw brokenCode(this.#broken);
    const rest = this.#pending.takeAll();
    if (!this.isReady) return this.#notStarted(status, rest);
    const verdict = this.#watch!.verdict;
    if (verdict) return await this.#charge(rest, verdict);
    // The one that ended the worker has said so: the others are innocent.
    if (this.#lastFailure === "crash") queue.giveBack(rest);
    else if (rest.length === 1) {
      await this.#charge(rest, { ...this.#death(status), ids: [rest[0]!.id] });
    } else queue.suspect(rest);
  }

  #notStarted(status: Deno.CommandStatus, rest: readonly Task[]): void {
    if (status.signal === null && status.code !== 0) throw this.startError();
    this.pool.queue.giveBack(rest);
  }

  async #charge(rest: readonly Task[], { ids, error, ms = 0 }: Verdict): Promise<void> {
    this.pool.queue.giveBack(rest.filter(({ id }) => !ids.includes(id)));
    const type = error.class === "lost" ? "lost" : "failed";
    const charged = rest.filter(({ id }) => ids.includes(id));
    const failures = charged.map(({ id, attempt, args }): FailedAttempt =>
      type === "lost"
        ? { event: { id, attempt, type, error }, args }
        : { event: { id, attempt, type, ms, error }, args }
    );
    if (failures.length === 0) return;
    const span = this.pool.spans.add(failures[0]!.event.id, failures.length, failures.length);
    await this.pool.events.give({ ...NO_EVENTS, failures, ...(span ? { span } : {}) });
  }

  #death(status: Deno.CommandStatus): { error: TaskError } {
    const kind = deathClass(status, this.#stderr);
    const type = kind === "oom" ? "OutOfMemory" : "WorkerDied";
    return { error: { message: deathText(status, this.#stderr, kind), type, class: kind } };
  }
}

function deathText(status: Deno.CommandStatus, stderr: string, kind: FailureClass): string {
  if (kind === "oom") return "its worker ran out of memory, give it more with the option memory";
  if (stderr.includes("promise never resolved")) {
    return "it waits for a promise that nothing is left to settle";
  }
  const how = status.signal ? `by ${status.signal}` : `with exit code ${status.code}`;
  const lines = stderr.trim().split("\n");
  const said = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1);
  return `its worker ended ${how}${said ? `: ${said}` : ""}`;
}

/** What kills from outside is not the task's fault. */
function deathClass({ signal }: Deno.CommandStatus, stderr: string): FailureClass {
  if (/out of memory|OOM/i.test(stderr)) return "oom";
  return signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGHUP" ? "lost" : "crash";
}

function countFailures(batches: readonly EventBatch[]): number {
  return batches.reduce((sum, { failures }) => sum + failures.length, 0);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

function killGroup(process: Deno.ChildProcess): void {
  try {
    Deno.kill(-process.pid, "SIGKILL");
  } catch {
    // It has ended, and all it started too.
  }
}
