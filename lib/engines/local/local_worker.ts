/**
 * One worker of the engine `local`, and the tasks sent to it.
 *
 * @module
 */

import {
  type EventBatch,
  type FailedAttempt,
  type FailureClass,
  type LogLine,
  NO_EVENTS,
  type Span,
  type TaskError,
} from "../../journal/format.ts";
import type { Limits } from "../../tasks/batch.ts";
import { ProtocolError } from "../../worker/frame.ts";
import type { WorkerMessage } from "../../worker/protocol.ts";
import type { EngineContext } from "../engine.ts";
import { onlySpan, type SpanWriter } from "../shared/busy_spans.ts";
import { InFlight } from "../shared/in_flight.ts";
import { loadError } from "../shared/load_error.ts";
import type { AckChannel } from "./ack_channel.ts";
import { BatchWindow } from "./batch_window.ts";
import type { FailedStart } from "./failed_starts.ts";
import type { OrphanReaper } from "./orphan_reaper.ts";
import type { TakenBatch, Taker, TaskQueue } from "./task_queue.ts";
import { Watchdog } from "./watchdog.ts";
import { blame, invalidText } from "./worker_death.ts";
import { type WorkerLimits, WorkerProcess } from "./worker_process.ts";
import { WorkerResponses } from "./worker_responses.ts";

/** The parts of a run that all its workers share. */
export interface WorkerPool {
  /** The tasks. */
  readonly queue: TaskQueue;
  /** Kills the workers after this process has died. */
  readonly reaper: OrphanReaper;
  /** The job. In a slot, `signal` also aborts when another slot fails. */
  readonly context: EngineContext;
  /** Receives the events of the tasks. */
  readonly events: AckChannel<EventBatch>;
  /** The workers with a running process. */
  readonly workers: Set<LocalWorker>;
}

/** A slot for one worker at a time. */
export interface WorkerSlot extends WorkerPool {
  /** The times when the slot was busy. */
  readonly spans: SpanWriter;
}

/** Sends a span to the reader of the events; does nothing when the span is undefined. */
export async function sendSpan({ events }: WorkerPool, span: Span | undefined): Promise<void> {
  for (const batch of onlySpan(span)) await events.send(batch);
}

/** The events in one read of a worker's channel. */
interface ParsedResponses {
  /** The number of bytes that were parsed. */
  readonly used: number;
  /** The events. */
  readonly batches: readonly EventBatch[];
  /** The busy time up to these events; undefined while it is too short to report. */
  readonly span: Span | undefined;
}

/** Sends tasks to one worker process, and reports the outcome of each. */
export class LocalWorker implements Taker {
  #isReady = false;
  #isGone = false;
  #inFlight = new InFlight();
  #window: BatchWindow;
  #limits: WorkerLimits;
  #process!: WorkerProcess;
  #responses: WorkerResponses | undefined;
  #watchdog!: Watchdog;
  #isAlone = false;
  #sent = 0;
  #room = Promise.withResolvers<void>();
  #carry: TakenBatch | undefined;
  #lastFailure: FailureClass | undefined;
  #loadError: TaskError | undefined;
  #damage: string | undefined;
  #lastFirst = -1;
  /** The facts about a failed start; undefined unless the process ended before it was ready. */
  failedStart: FailedStart | undefined;

  /**
   * Creates a worker. Its process starts in {@linkcode run}.
   *
   * @param slot the slot in which the worker runs
   * @param limits limits that override the limits of the job
   */
  constructor(readonly slot: WorkerSlot, readonly limits: Limits | undefined) {
    const { timeout, memory } = slot.context;
    this.#limits = { timeout: limits?.timeout ?? timeout, memory: limits?.memory ?? memory };
    this.#window = new BatchWindow(slot.context);
  }

  /** The number of running tasks. */
  get running(): number {
    return Math.min(this.#inFlight.count, this.slot.context.concurrency);
  }

  /** The state that decides which tasks the queue returns to this worker. */
  get state(): Taker["state"] {
    const { signal, stop } = this.slot.context;
    if (this.#isGone || signal.aborted || stop.aborted) return "gone";
    return this.#inFlight.count > 0 ? "busy" : "idle";
  }

  /**
   * Runs tasks until the queue is empty or the process has ended.
   *
   * @param first the first tasks of the worker
   * @returns tasks taken from the queue that need a worker with other limits
   * @throws {UsageError} when the function cannot be loaded.
   */
  async run(first: TakenBatch): Promise<TakenBatch | undefined> {
    const { reaper, workers, context: { signal } } = this.slot;
    const process = this.#start(), { pid } = process;
    const kill = () => process.kill();
    reaper.add(pid);
    workers.add(this);
    signal.addEventListener("abort", kill);
    try {
      const reading = Promise.all([this.#readResponses(), this.#readStdout(), this.#readStderr()]);
      // `reading` is awaited below. Until then its failure must not count as an unhandled
      // rejection.
      reading.catch(() => {});
      // Writing to a dead worker fails. The death is handled below, after its responses are read.
      const feeding = this.#feed(first).catch(() => {});
      const status = await process.status;
      this.#leave();
      await process.drain(reading);
      await feeding;
      await this.#settle(status);
    } finally {
      this.#watchdog[Symbol.dispose]();
      signal.removeEventListener("abort", kill);
      reaper.remove(pid);
      workers.delete(this);
    }
    return this.#carry;
  }

  #start(): WorkerProcess {
    const { context } = this.slot;
    const process = this.#process = new WorkerProcess(context, this.#limits);
    this.#watchdog = new Watchdog({
      ...this.#limits,
      concurrency: context.concurrency,
      processes: process.tree,
      kill: () => process.kill(),
    });
    return process;
  }

  async #feed(first: TakenBatch): Promise<void> {
    for (let next: TakenBatch | undefined = first; next; next = await this.#next()) {
      if (this.#isGone) return this.slot.queue.giveBack([...next.batch]);
      this.#isAlone = next.isSuspect;
      if (this.#inFlight.count === 0) await sendSpan(this.slot, this.slot.spans.begin());
      this.#inFlight.push(next.batch);
      this.#sent += next.batch.count;
      this.#watchdog.track(this.#inFlight);
      const channel = await this.#process.channel;
      await channel?.write(next.batch);
      await this.#untilRoom();
    }
    const channel = await this.#process.channel;
    await channel?.end();
  }

  async #next(): Promise<TakenBatch | undefined> {
    const room = Math.ceil(this.#window.size - this.#inFlight.count);
    const next = await this.slot.queue.take(room, this);
    if (!next || next.batch.limits === this.limits) return next;
    this.#carry = next;
    return undefined;
  }

  async #untilRoom(): Promise<void> {
    const most = () => this.#isAlone ? 0 : this.#window.refillAt;
    while (this.#inFlight.count > most() && !this.#isGone) {
      this.#room = Promise.withResolvers();
      await this.#room.promise;
    }
  }

  async #readResponses(): Promise<void> {
    const channel = await this.#process.channel;
    if (!channel) return;
    const onMessage = (message: WorkerMessage) => this.#receive(message);
    const responses = this.#responses = new WorkerResponses(
      channel.token,
      this.#inFlight,
      onMessage,
    );
    await channel.read<ParsedResponses>({
      parse: (bytes) => this.#parse(bytes, responses),
      deliver: async ({ batches, span }) => {
        for (const batch of batches) await this.#sendResponses(batch);
        await sendSpan(this.slot, span);
      },
    });
  }

  #parse(bytes: Uint8Array, reader: WorkerResponses): ParsedResponses {
    const { count, first } = this.#inFlight;
    this.#lastFirst = first ?? this.#lastFirst;
    const { used, batches } = reader.read(bytes);
    if (reader.violation !== undefined) this.#process.kill();
    const responses = count - this.#inFlight.count;
    // The span is added before makeRoom() sends more tasks, which begin a new span.
    const span = responses > 0
      ? this.slot.spans.add(first!, responses, countFailures(batches))
      : undefined;
    if (responses > 0) this.#makeRoom(responses);
    this.#watchdog.track(this.#inFlight);
    return { used, batches, span };
  }

  #makeRoom(responses: number): void {
    this.#room.resolve();
    if (this.#inFlight.count === 0) this.slot.queue.wake();
    this.#window.add(responses);
  }

  async #sendResponses(batch: EventBatch): Promise<void> {
    this.#lastFailure = batch.failures.at(-1)?.event.error.class;
    await this.#send(batch);
  }

  async #send(batch: EventBatch): Promise<void> {
    await this.#watchdog.pauseWhile(this.slot.events.send(batch));
  }

  async #readStdout(): Promise<void> {
    await this.#process.readStdout((text) => this.#log("stdout", text));
  }

  async #readStderr(): Promise<void> {
    await this.#process.readStderr(async (text) => {
      // Until the worker is ready, stderr contains the reason for a failed start, not output of tasks.
      if (this.#isReady) await this.#log("stderr", text);
    });
  }

  /** Logs text that bypassed the worker's capture, such as the output of a child process. */
  async #log(stream: LogLine["stream"], text: string): Promise<void> {
    const id = this.#inFlight.first ?? this.#lastFirst;
    await this.#send({ ...NO_EVENTS, logs: [{ id, attempt: 1, stream, text }] });
  }

  #receive(message: WorkerMessage): void {
    if ("broken" in message) this.#loadError = message.broken;
    else if ("damaged" in message) this.#damage = message.damaged;
    else this.#idle(message.idle);
  }

  /**
   * Notes that the worker is ready and has responded to all tasks that it received.
   *
   * @throws {ProtocolError} when that is not so.
   */
  #idle(received: number): void {
    this.#isReady = true;
    this.#watchdog.track(this.#inFlight, { isReady: true });
    const { count } = this.#inFlight;
    if (received > this.#sent || (received === this.#sent && count > 0)) {
      throw new ProtocolError(
        `it reported ${received} of ${this.#sent} tasks, ${count} without a response`,
      );
    }
    this.#room.resolve();
  }

  #leave(): void {
    this.#isGone = true;
    this.#room.resolve();
    this.slot.queue.wake();
  }

  async #settle(status: Deno.CommandStatus): Promise<void> {
    const { queue, context } = this.slot;
    if (context.signal.aborted) return;
    if (this.#loadError) throw loadError(this.#loadError);
    const inFlight = this.#inFlight.takeAll();
    const { stderr } = this.#process, { verdict } = this.#watchdog;
    const violation = this.#responses?.violation;
    if (!this.#isReady || this.#damage !== undefined) {
      const why = verdict?.error.message ?? invalidText(violation) ?? damageText(this.#damage);
      this.failedStart = { status, stderr, verdict: why };
      return queue.giveBack(inFlight);
    }
    const death = { status, stderr, verdict, violation, lastFailure: this.#lastFailure };
    const { failures, suspects, innocent } = blame(inFlight, death);
    queue.giveBack(innocent);
    queue.suspect(suspects);
    if (failures.length > 0) await sendFailures(this.slot, failures);
  }
}

function damageText(damage: string | undefined): string | undefined {
  return damage === undefined ? undefined : `its tasks arrived damaged: ${damage}`;
}

async function sendFailures(slot: WorkerSlot, failures: readonly FailedAttempt[]): Promise<void> {
  const span = slot.spans.add(failures[0]!.event.id, failures.length, failures.length);
  await slot.events.send({ ...NO_EVENTS, failures });
  await sendSpan(slot, span);
}

function countFailures(batches: readonly EventBatch[]): number {
  return batches.reduce((sum, { failures }) => sum + failures.length, 0);
}
