/**
 * Runs a job on a system that accepts submissions and is polled for their state. The scheduler cuts
 * the tasks into slices, submits them as parts, and collects their events.
 *
 * @module
 */

import { type EventBatch, NO_EVENTS } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";
import type { EngineContext } from "../engine.ts";
import type { Backend, BatchSystem, Judgement, Refusal } from "./backend.ts";
import { amountOf, type Part } from "./part.ts";
import { warnOnce } from "../shared/warn_once.ts";
import { createPatience } from "./patience.ts";
import { PollInterval } from "./poll_interval.ts";
import { type Assignment, Reattachment } from "./reattach.ts";
import { SliceQueue } from "./slices.ts";
import { type Start, StartCheck } from "./start_check.ts";
import { SubmitThrottle } from "./submit_throttle.ts";
import { TaskBuffer } from "./task_buffer.ts";

const BUSY_MS = 5000, FULL_MS = 30_000;
// The number of invalid submissions in a row, without parts under way, after which a job ends.
const MOST_INVALID = 3;

/**
 * Runs the tasks of a job on a backend.
 *
 * The loop of {@linkcode Scheduler.events} reads tasks, submits them, polls the system, and
 * collects events, in this order. The loop then waits until the next step may be due.
 */
export class Scheduler<P extends Part> implements AsyncDisposable {
  #context: EngineContext;
  #backend: Backend<P>;
  #label: string;
  #parts: Set<P>;
  #former: Reattachment<P>;
  #buffer: TaskBuffer;
  #queue: SliceQueue;
  #throttle = new SubmitThrottle();
  #poll: PollInterval;
  #collect: PollInterval | undefined;
  /** The requests that have no answer yet. */
  #open = new Map<Request, Promise<void>>();
  #failure: { readonly reason: unknown } | undefined;
  #closed = new AbortController();
  #starts = new StartCheck();
  #isStopped = false;
  #invalid = 0;
  /** True when parts under way may have another pace or other options than the job. */
  #isChanged = false;
  #endWatch: readonly ((() => void) | undefined)[];
  #endedCleanly = false;

  private constructor(
    context: EngineContext,
    { backend, label, parts, former }: Connection<P>,
    tasks: AsyncIterable<TaskBatch>,
  ) {
    this.#context = context;
    this.#backend = backend;
    this.#label = label;
    this.#parts = parts;
    this.#former = new Reattachment(former);
    this.#buffer = new TaskBuffer(tasks, backend.limits.window);
    this.#queue = new SliceQueue(this.#buffer, backend, context.chunk);
    this.#poll = new PollInterval(backend.pollPace);
    const onChange = () => void (this.#isChanged = true);
    this.#endWatch = [context.pace?.watch(onChange), context.live?.watch(onChange)];
    this.#collect = backend.collectPace && new PollInterval(backend.collectPace);
  }

  /**
   * Connects to the system, and finds the parts that an earlier controller submitted.
   *
   * @throws {UsageError} when the system cannot be reached, or does not support an option of the job.
   */
  static async begin<P extends Part>(
    { label, open }: BatchSystem<P>,
    tasks: AsyncIterable<TaskBatch>,
    given: EngineContext,
  ): Promise<Scheduler<P>> {
    const context = { ...given, warn: warnOnce(given.warn) }, parts = new Set<P>();
    const patiently = createPatience({ ...context, label, isNeeded: () => parts.size > 0 });
    const backend = await open({ ...context, patiently });
    const former = await backend.reattach();
    return new Scheduler(context, { backend, label, parts, former }, tasks);
  }

  /**
   * Yields the events of the tasks. Each batch is valid until the caller requests the next batch.
   *
   * @throws {UsageError} when no part can start or run, or when another process canceled the job.
   */
  async *events(): AsyncGenerator<EventBatch> {
    const { signal } = this.#context;
    try {
      while (!signal.aborted && !this.#isOver) yield* this.#round();
    } catch (error) {
      // An abort makes pending requests fail, which is expected.
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    this.#endedCleanly = true;
    if (this.#buffer.failure) throw this.#buffer.failure.reason;
  }

  /**
   * Cancels parts that are under way. After a complete run, removes the job's files from the
   * system.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#endWatch) end?.();
    this.#closed.abort();
    await this.#buffer.close();
    // The answer to a submission may come late, and its parts are then canceled, too.
    const submission = this.#open.get("submission");
    if (submission && this.#parts.size > 0) await this.#backend.cancel(this.#parts);
    await submission;
    if (this.#endedCleanly && this.#parts.size === 0) return await this.#backend.release();
    // Parts of an earlier controller may run although none of their tasks was read again.
    const parts = new Set([...this.#parts, ...this.#former.allParts]);
    if (parts.size > 0) await this.#backend.cancel(parts);
  }

  async *#round(): AsyncGenerator<EventBatch> {
    if (this.#failure) throw this.#failure.reason;
    if (!this.#open.has("submission")) this.#buffer.read(amountOf(this.#parts));
    await this.#stopIfAsked();
    await this.#submitIfDue();
    await this.#adaptIfChanged();
    await this.#pollIfDue();
    let hasMoved = false;
    for await (const batch of this.#look()) {
      hasMoved = true;
      yield batch;
    }
    this.#collect?.asked(hasMoved);
    if (!this.#context.signal.aborted && !this.#isOver) await this.#rest();
  }

  get #isOver(): boolean {
    if (this.#parts.size > 0 || this.#open.has("submission") || this.#open.has("stop")) {
      return false;
    }
    return this.#isStopped || (this.#buffer.isEnded && this.#queue.isEmpty);
  }

  async #stopIfAsked(): Promise<void> {
    if (!this.#isStopped && this.#context.stop.aborted) {
      this.#reattach();
      this.#isStopped = true;
      this.#begin("stop", this.#stop());
    }
    await this.#answer("stop");
  }

  async #stop(): Promise<void> {
    await this.#backend.stop(this.#parts);
    this.#poll.soon();
  }

  async #submitIfDue(): Promise<void> {
    if (this.#open.has("submission")) return await this.#answer("submission");
    const now = performance.now(), { isFull } = this.#queue;
    if (this.#isStopped || !(isFull || this.#throttle.isStill(this.#buffer, now))) return;
    this.#reattach();
    if (this.#context.pace?.isPaused) return;
    const isAlone = this.#parts.size === 0;
    if (this.#queue.isEmpty || !this.#throttle.isDue(now, { isFull, isAlone })) return;
    if (isAlone || this.#parts.size < (this.#backend.limits.parts ?? Infinity)) {
      this.#begin("submission", this.#submit());
      await this.#answer("submission");
    }
  }

  /** Assigns waiting tasks to the parts with which an earlier controller submitted them. */
  #reattach(): void {
    if (this.#former.isEmpty) return;
    const waiting = this.#buffer.takeAll();
    this.#buffer.giveBack(waiting.flatMap((batch) => this.#former.assign(batch)));
    for (const part of this.#former.parts) this.#parts.add(part);
    this.#isChanged = true;
  }

  async #adaptIfChanged(): Promise<void> {
    if (!this.#isChanged || this.#isStopped || this.#open.has("poll")) return;
    this.#isChanged = false;
    this.#begin("poll", this.#backend.adapt?.(this.#parts) ?? Promise.resolve());
    await this.#answer("poll");
  }

  async #submit(): Promise<void> {
    const slices = this.#queue.cut();
    let answer;
    try {
      answer = await this.#backend.submit(slices);
    } finally {
      // A job with waiting tasks does not end without the error.
      if (!answer || "kind" in answer) this.#queue.giveBack(slices);
    }
    if ("kind" in answer) return this.#refused(answer, slices.length);
    this.#queue.giveBack(slices.slice(answer.length));
    for (const [index, part] of answer.entries()) {
      for (const batch of slices[index]!) part.push(batch);
      this.#parts.add(part);
    }
    this.#queue.grow(answer.length);
    this.#invalid = 0;
    this.#throttle.submitted(performance.now());
    this.#poll.soon();
    // The job may have changed, or stopped, while the submission had no answer.
    this.#isChanged = true;
    if (this.#isStopped) await this.#stop();
  }

  #refused({ kind, message, waitMs }: Refusal, slices: number): void {
    if (kind === "changed") return;
    const isAlone = this.#parts.size === 0, isFirst = !this.#throttle.hasSubmitted;
    // An error would end the parts under way, and what follows an accepted submission is seldom
    // wrong for good.
    if (kind === "invalid" && isAlone) this.#invalid++;
    if (isAlone && (isFirst ? kind !== "full" : this.#invalid >= MOST_INVALID)) {
      throw new UsageError(`Cannot submit to ${this.#label}: ${message}`);
    }
    this.#context.warn(`Waiting for ${this.#label} to accept more: ${message}`);
    if (kind === "full") this.#queue.halve(slices);
    // Without parts under way, half as many may fit at once.
    const fullMs = slices > 1 && isAlone ? 0 : FULL_MS;
    const isLong = kind === "full" || (kind === "invalid" && !isAlone);
    const ms = waitMs ?? (isLong ? fullMs : BUSY_MS);
    // A system that the job's own parts have filled has room again when these have ended.
    const endsAlone = kind === "full" && !isAlone && waitMs === undefined;
    this.#throttle.holdUntil(performance.now() + ms, endsAlone);
  }

  async #pollIfDue(): Promise<void> {
    const isAsked = this.#open.has("poll");
    if (!isAsked && (this.#parts.size === 0 || this.#poll.waitMs > 0)) return;
    if (this.#backend.isCanceled()) {
      throw new UsageError(
        "Cannot continue the job: another process canceled it, run dl_jobs resume to run the rest",
        { code: "interrupted" },
      );
    }
    if (!isAsked) this.#begin("poll", this.#ask());
    await this.#answer("poll");
  }

  async #ask(): Promise<void> {
    this.#poll.begin();
    this.#poll.asked(await this.#backend.poll(this.#parts, this.#closed.signal));
  }

  #begin(kind: Request, request: Promise<void>): void {
    this.#open.set(kind, this.#watch(request).finally(() => this.#open.delete(kind)));
  }

  /** Stores the failure of a request, which {@linkcode #answer} throws. */
  async #watch(request: Promise<void>): Promise<void> {
    try {
      await request;
    } catch (reason) {
      this.#failure ??= { reason };
    }
  }

  /**
   * Waits for a request, if it is open. Events that are collected separately do not wait for a late
   * answer.
   */
  async #answer(kind: Request): Promise<void> {
    const request = this.#open.get(kind);
    const { signal } = this.#context, { leastMs } = this.#collect?.pace ?? {};
    if (request) await (leastMs === undefined ? request : delay(leastMs, [signal], request));
    if (this.#failure) throw this.#failure.reason;
  }

  async *#look(): AsyncGenerator<EventBatch> {
    yield* this.#backend.collect(this.#parts);
    for (const part of this.#parts) {
      const judgement = this.#backend.judge(part);
      if (judgement.type === "ending") this.#poll.soon();
      if (judgement.type === "over") yield* await this.#end(part, judgement);
      if (judgement.type === "rerun") {
        this.#checkStart(part, judgement.start);
        await this.#backend.rerun?.(part);
      }
    }
  }

  async #end(
    part: P,
    { start, leftover }: Extract<Judgement, { type: "over" }>,
  ): Promise<EventBatch[]> {
    const { failures, rest = [], slices = [], mayRun = false } = leftover;
    this.#parts.delete(part);
    this.#former.forget(part);
    if (mayRun) await this.#backend.discard?.(part);
    this.#checkStart(part, start);
    if (!this.#isStopped) {
      this.#buffer.giveBack(rest);
      this.#queue.addApart(slices);
    }
    return failures.length > 0 ? [{ ...NO_EVENTS, failures }] : [];
  }

  #checkStart(part: P, start: Start): void {
    if (this.#starts.isHopeless(start) && !this.#isStopped) throw this.#backend.startError(part);
  }

  /** Waits until the next step of the loop may be due. */
  async #rest(): Promise<void> {
    const { signal, stop } = this.#context, isWaiting = !this.#queue.isEmpty;
    const { lookMs } = this.#throttle, next = (this.#collect ?? this.#poll).waitMs;
    const ms = this.#parts.size === 0 ? lookMs : isWaiting ? Math.min(next, lookMs) : next;
    const signals = this.#isStopped ? [signal] : [signal, stop];
    const isSettled = isWaiting || this.#buffer.isEnded;
    await delay(ms, signals, isSettled ? undefined : this.#buffer.changed);
  }
}

/**
 * A kind of request, which is made again only after its answer. A change of parts under way counts
 * as a poll, which changes parts, too. The slices of a submission without an answer are neither
 * waiting nor under way.
 */
type Request = "poll" | "submission" | "stop";

/** A connection to a system, and the parts of the job on that system. */
interface Connection<P extends Part> {
  readonly backend: Backend<P>;
  readonly label: string;
  /**
   * The parts that are under way; requests are retried only while this set is not empty.
   */
  readonly parts: Set<P>;
  readonly former: readonly Assignment<P>[];
}
