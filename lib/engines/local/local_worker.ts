/**
 * One worker of the engine `local`, and the tasks sent to it.
 *
 * @module
 */

import { type EventBatch, type LoadError, type LogLine, NO_EVENTS } from "../../journal/format.ts";
import type { ProcessStatus } from "../../util/process/process_status.ts";
import { onAbort } from "../../util/on_abort.ts";
import type { Limits } from "../../tasks/batch.ts";
import { ProtocolError } from "../../worker/frame.ts";
import type { LoadedFunction, WorkerMessage } from "../../worker/protocol.ts";
import { InFlight } from "../shared/in_flight.ts";
import { checkParameter } from "../shared/context_warning.ts";
import { loadError } from "../shared/load_error.ts";
import type { ActiveProcess } from "../../job_dir/running_tasks.ts";
import { BatchWindow } from "./batch_window.ts";
import type { FailedStart } from "./failed_starts.ts";
import { isBlocked } from "./hang.ts";
import { warnSlowStart } from "./slow_start.ts";
import type { TakenBatch, Taker } from "./task_queue.ts";
import { Watchdog } from "./watchdog.ts";
import { blame, damagedTasksText, invalidText, lateDeathText } from "./worker_death.ts";
import { WorkerEnding } from "./worker_ending.ts";
import { type WorkerLimits, WorkerProcess } from "./worker_process.ts";
import { WorkerView } from "./worker_view.ts";
import { countFailures, type ParsedResponses, WorkerResponses } from "./worker_responses.ts";
import { type ActiveWorker, sendFailures, sendSpan, type WorkerSlot } from "./worker_slot.ts";

// The least time that a worker without tasks has to exit.
const EXIT_MS = 5000;
// The id in log lines of code that runs for no task.
const NO_TASK = -1;
// The longest time that it takes to record a piece of output, unless its reader has stopped.
const OUTPUT_PATIENCE_MS = 1000;

/** Sends tasks to one worker process, and reports the outcome of each. */
export class LocalWorker implements Taker, ActiveWorker {
  #isReady = false;
  #isGone = false;
  #inFlight = new InFlight();
  #window: BatchWindow;
  #limits: WorkerLimits;
  #process!: WorkerProcess;
  #responses: WorkerResponses | undefined;
  #watchdog!: Watchdog;
  #view!: WorkerView;
  #isAlone = false;
  /** True when the worker has run its last task, and must exit. */
  #isEnding = false;
  #sent = 0;
  #room = Promise.withResolvers<void>();
  #carry: TakenBatch | undefined;
  #loadError: LoadError | undefined;
  #ending!: WorkerEnding;
  #damage: string | undefined;
  #lastFirst = NO_TASK;
  /** The text on stderr until the worker is ready: the reason when its start fails. */
  #startText = "";
  /** The facts about a failed start; undefined unless the process ended before it was ready. */
  failedStart: FailedStart | undefined;

  /**
   * Creates a worker. Its process starts in {@linkcode run}, unless it is the first worker.
   *
   * @param slot the slot in which the worker runs
   * @param limits limits that override the limits of the job
   */
  constructor(readonly slot: WorkerSlot, readonly limits: Limits | undefined) {
    this.#limits = this.#currentLimits;
    this.#window = new BatchWindow(slot.context);
  }

  /** The number of running tasks. */
  get running(): number {
    return this.#isReady ? Math.min(this.#inFlight.count, this.slot.context.concurrency) : 0;
  }

  /** The worker and its running tasks. */
  get active(): ActiveProcess {
    const active = this.#view.active(this.#most);
    return this.#isReady ? active : { ...active, tasks: [] };
  }

  /** Reads the memory and the CPU time of the worker while it runs tasks. */
  sample(): void {
    if (this.#isReady) this.#view.sample();
  }

  /** The number of tasks of which one may run: the responses of short tasks before it may wait. */
  get #most(): number {
    const isTold = this.#limits.timeout || this.#limits.memory || this.#window.size <= 2;
    return isTold || this.slot.context.concurrency > 1 ? 1 : this.#inFlight.count;
  }

  /**
   * The limits of the task take precedence over those of the job, which may change. Where they do
   * not change, tasks carry all of them, so a missing one means that there is none.
   */
  get #currentLimits(): WorkerLimits {
    const { limits, slot: { context } } = this, { live } = context;
    const { timeout, memory } = live?.values ?? limits ?? context;
    return { timeout: limits?.timeout ?? timeout, memory: limits?.memory ?? memory };
  }

  /** True until the function is loaded and `setup` has returned. */
  get isStarting(): boolean {
    return !this.#isReady;
  }

  /** The state that decides which tasks the queue returns to this worker. */
  get state(): Taker["state"] {
    const { signal, stop } = this.slot.context;
    const isOver = this.#isGone || this.slot.isSurplus() || signal.aborted || stop.aborted;
    if (isOver) return "gone";
    return this.#inFlight.count > 0 ? "busy" : "idle";
  }

  /**
   * Runs tasks until the queue is empty, the worker has run as many as it may, or the process has
   * ended.
   *
   * @param first the first tasks of the worker
   * @returns tasks taken from the queue that need a worker with other limits
   * @throws {UsageError} when the function cannot be loaded.
   */
  async run(first: TakenBatch): Promise<TakenBatch | undefined> {
    const { reaper, workers, context: { signal, live } } = this.slot;
    const process = this.#start(), { pid } = process;
    reaper.add(pid);
    workers.add(this);
    using _aborted = onAbort(signal, () => this.#ending.end());
    using _slow = warnSlowStart(pid, () => this.#isReady, this.slot.warnStart);
    const endWatch = live?.watch(() => this.#adapt());
    try {
      const reading = Promise.all([this.#readResponses(), this.#readOutput()]);
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
      this.#ending[Symbol.dispose]();
      endWatch?.();
      reaper.remove(pid);
      workers.delete(this);
    }
    return this.#carry;
  }

  /** Applies limits that have changed, also to running tasks: their time counts from their start. */
  #adapt(): void {
    // Of short tasks, it is not known which one runs.
    const known = this.active.tasks.filter(({ among }) => among === undefined);
    const starts = new Map(known.map(({ id, since }) => [id, since]));
    const ran = (id: number) => Date.now() - (starts.get(id) ?? Date.now());
    this.#watchdog.setLimits(this.#currentLimits);
    this.#watchdog.track(this.#inFlight, { ran });
  }

  #start(): WorkerProcess {
    const { context, first } = this.slot;
    const process = this.#process = first?.take(this.#limits) ??
      new WorkerProcess(context, this.#limits);
    process.begin();
    this.#ending = new WorkerEnding(process);
    const name = this.slot.spans.worker;
    this.#view = new WorkerView(name, process, this.#inFlight, context.concurrency);
    this.#watchdog = new Watchdog({
      ...this.#limits,
      concurrency: context.concurrency,
      processes: process.tree,
      isBlocked: () => isBlocked(process.pid),
      kill: () => process.kill(),
      cancel: (id) => this.#ending.cancel(this.#inFlight.task(id)),
      explain: (id, ms) => this.#view.explain(id, ms),
    });
    return process;
  }

  async #feed(first: TakenBatch): Promise<void> {
    for (let next: TakenBatch | undefined = first; next; next = await this.#next()) {
      if (this.#isGone) return this.slot.queue.putBack(next);
      this.#isAlone = next.isSuspect;
      if (this.#inFlight.count === 0) {
        this.#view.resume();
        await sendSpan(this.slot, this.slot.spans.begin());
      }
      this.#inFlight.push(next.batch);
      this.#sent += next.batch.count;
      this.#watchdog.track(this.#inFlight);
      const channel = await this.#process.channel;
      await channel?.write(next.batch);
      await this.#untilStarted(next);
      await this.#untilRoom();
    }
    const channel = await this.#process.channel;
    // A worker whose calls can be canceled needs the channel while they run.
    const isBusy = () => this.#inFlight.count > 0;
    await this.#waitWhile(() => isBusy() && (!this.#isReady || this.#ending.grace > 0));
    await channel?.end();
    await this.#waitWhile(isBusy);
    if (this.#isGone) return;
    this.#isEnding = true;
    // `teardown` may never return.
    this.#ending.killAfter(this.#exitMs);
  }

  /** The time in which a worker without tasks must exit, also where its calls cannot react. */
  get #exitMs(): number {
    return Math.max(EXIT_MS, this.slot.context.grace);
  }

  async #next(): Promise<TakenBatch | undefined> {
    const { tasksPerWorker = Infinity } = this.slot.context, left = tasksPerWorker - this.#sent;
    if (left <= 0) return undefined;
    const room = Math.ceil(this.#window.size - this.#inFlight.count);
    const next = await this.slot.queue.take(Math.min(room, left), this);
    if (!next || next.batch.limits === this.limits) return next;
    this.#carry = next;
    return undefined;
  }

  async #untilRoom(): Promise<void> {
    await this.#waitWhile(() => this.#inFlight.count > (this.#isAlone ? 0 : this.#window.refillAt));
  }

  /** Waits until tasks begin when they are sent. Others would begin at once, whatever the rate. */
  async #untilStarted({ batch }: TakenBatch): Promise<void> {
    const { pace } = this.slot.queue;
    if (this.#isReady || !pace?.isActive) return;
    await this.#waitWhile(() => !this.#isReady && pace.isActive);
    pace.begunLate([...batch]);
  }

  /** Waits for responses while a condition holds. */
  async #waitWhile(isNeeded: () => boolean): Promise<void> {
    while (isNeeded() && !this.#isGone) {
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
      this.#watchdog.late,
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
    const wasReady = this.#isReady, { used, wanted, batches } = reader.read(bytes);
    if (this.#isReady && !wasReady) batches.push(...this.#startLogs);
    if (reader.violation !== undefined) this.#process.kill();
    const responses = count - this.#inFlight.count;
    this.#view.hear(batches);
    this.#watchdog.track(this.#inFlight);
    if (responses === 0) return { used, wanted, batches, span: undefined };
    // The span is added before makeRoom() sends more tasks, which begin a new span.
    const span = this.slot.spans.add(first!, responses, countFailures(batches));
    this.#makeRoom(responses);
    return { used, wanted, batches: this.#view.respond(batches), span };
  }

  /** The log of import and `setup`, which belongs to no task. */
  get #startLogs(): EventBatch[] {
    const text = this.#startText;
    this.#startText = "";
    return text === "" ? [] : [logOf(NO_TASK, "stderr", text)];
  }

  #makeRoom(responses: number): void {
    this.#room.resolve();
    if (this.#inFlight.count === 0) this.slot.queue.wake();
    this.#window.add(responses);
  }

  async #sendResponses(batch: EventBatch): Promise<void> {
    // A task that fails because the run was canceled is not charged.
    const isCanceled = batch.failures.length > 0 && this.slot.context.signal.aborted;
    await this.#send(isCanceled ? { ...batch, failures: [] } : batch);
  }

  async #send(batch: EventBatch): Promise<void> {
    // A task that writes without end would otherwise stop its own clock.
    const isOutput = batch.logs.length > 0 && batch.succeeded + batch.failures.length === 0;
    await this.#watchdog.pauseWhile(
      this.slot.events.send(batch),
      isOutput ? OUTPUT_PATIENCE_MS : 0,
    );
  }

  async #readOutput(): Promise<void> {
    await Promise.all([
      this.#process.readStdout((text) => this.#log("stdout", text)),
      this.#process.readStderr(async (text) => {
        if (this.#isReady) await this.#log("stderr", text);
        else this.#startText += text;
      }),
    ]);
  }

  /** Logs text that bypassed the worker's capture, such as the output of a child process. */
  async #log(stream: LogLine["stream"], text: string): Promise<void> {
    const id = this.#isReady ? this.#inFlight.first ?? this.#lastFirst : NO_TASK;
    await this.#send(logOf(id, stream, text));
  }

  #receive(message: WorkerMessage): void {
    if ("broken" in message) this.#loadError = message.broken;
    else if ("damaged" in message) this.#damage = message.damaged;
    else if ("loaded" in message) this.#load(message.loaded);
    else this.#idle(message.idle);
  }

  #load({ grace, setupMs, parameter }: LoadedFunction): void {
    checkParameter(parameter, this.slot.context.warn);
    this.#ending.grace = grace ? this.slot.context.grace : 0;
    this.slot.spans.addSetup(setupMs);
  }

  /**
   * Notes that the worker is ready and has responded to all tasks that it received.
   *
   * @throws {ProtocolError} when that is not so.
   */
  #idle(received: number): void {
    if (!this.#isReady) this.#view.begin();
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

  async #settle(status: ProcessStatus): Promise<void> {
    const { queue, context } = this.slot;
    if (context.signal.aborted) return;
    if (this.#loadError) throw loadError(this.#loadError, context.python);
    const { violation, lastFailure } = this.#responses ?? {};
    const { isLate } = this.#ending;
    // The error of a task that called exit() says why its worker has ended.
    if (this.#isEnding && !status.success && (isLate || lastFailure !== "crash")) {
      this.slot.warnEnd(lateDeathText(status, isLate ? this.#exitMs : undefined));
    }
    const inFlight = this.#inFlight.takeAll();
    const { stderr } = this.#process, { verdict } = this.#watchdog;
    if (!this.#isReady || this.#damage !== undefined) {
      const why = verdict?.error.message ?? invalidText(violation) ??
        damagedTasksText(this.#damage);
      this.failedStart = { status, stderr, verdict: why };
      return queue.giveBack(inFlight);
    }
    const isOom = status.signal === "SIGKILL" && this.slot.oomKills.take();
    const death = { status, isOom, stderr, verdict, violation, lastFailure };
    const { failures, suspects, innocent } = blame(inFlight, death);
    queue.giveBack(innocent);
    queue.suspect(suspects);
    if (failures.length > 0) await sendFailures(this.slot, failures);
  }
}

function logOf(id: number, stream: LogLine["stream"], text: string): EventBatch {
  return { ...NO_EVENTS, logs: [{ id, attempt: 1, stream, text, time: Date.now() }] };
}
