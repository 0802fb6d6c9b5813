/**
 * Gives the tasks of a run to the engine until all have ended or the run is stopped. The controller
 * passes the engine's events to the recorders, and returns failed tasks that have attempts left to
 * the engine.
 *
 * @module
 */

import type { JobLock } from "../../job_dir/lock.ts";
import type { JobCounts, JobRecord } from "../../job_dir/record.ts";
import type { ResultWriter } from "../../job_dir/result_writer.ts";
import type { Config } from "../../config/config.ts";
import type { Engine, EngineContext } from "../../engines/engine.ts";
import { maskEvents } from "../../engines/shared/mask_events.ts";
import { matchesError } from "../../journal/error_pattern.ts";
import type { EventBatch, FailedAttempt } from "../../journal/format.ts";
import { Attempts } from "../../tasks/attempts.ts";
import { isTooMany } from "../../tasks/halt.ts";
import { LiveOptions } from "../../tasks/live_options.ts";
import { Pace } from "../../tasks/pace.ts";
import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { defined } from "../../util/defined.ts";
import { onAbort } from "../../util/on_abort.ts";
import { startLongTimer } from "../../util/time/long_timer.ts";
import type { ActiveRun } from "./active_run.ts";
import { engineContext } from "./engine_context.ts";
import { EventRecorder, type FinalFailure } from "./event_recorder.ts";
import type { CanaryGate } from "./canary_gate.ts";
import { syncNames } from "./job_folder.ts";
import { takeBack } from "./take_back.ts";
import { writeFinalOutput } from "./final_output.ts";
import { ListRecorder } from "./list_recorder.ts";
import { restoreLostOutputs } from "./lost_outputs.ts";
import { RunningWatch } from "./running_watch.ts";
import { summaryOf } from "./run_summary.ts";
import { Steering } from "./steering.ts";
import type { Summary } from "../report/summary.ts";

const ASKED = "Another process moves the job: running tasks may finish, no more tasks are started";

/** The controller of one run. Call {@linkcode Controller.run}, then {@linkcode Controller.end}. */
export class Controller implements Disposable {
  #run: ActiveRun;
  #engine: Pick<Engine, "run">;
  #lock: JobLock;
  #events: EventRecorder;
  #list: ListRecorder;
  #halted = new AbortController();
  #graceOver = new AbortController();
  /** Aborted when this run begins no more tasks although others are pending. */
  #enough = new AbortController();
  #gate: CanaryGate | undefined;
  #stopGrace: (() => void) | undefined;
  #durable: Promise<void>;
  #steering: Steering | undefined;
  #pace = new Pace();
  /** True when all tasks ended in earlier runs, so this run calls no function. */
  #isRepeat: boolean;

  /**
   * Creates the controller of one run.
   *
   * @param engine the engine, which may have started a process
   * @param lock the lock of the job, whose loss ends the run
   * @param rebuilt the writer that rewrote the results of earlier runs, if any
   */
  constructor(
    run: ActiveRun,
    engine: Pick<Engine, "run">,
    lock: JobLock,
    rebuilt: ResultWriter | undefined,
  ) {
    this.#run = run;
    this.#isRepeat = run.isDone && run.plan.lastEnded !== undefined && !run.record.reduce;
    this.#engine = engine;
    this.#lock = lock;
    this.#events = new EventRecorder(run, rebuilt);
    this.#list = new ListRecorder(run, this.#events);
    // The disk works while the workers start. The first event waits for it.
    this.#durable = syncNames(run.plan.folder);
    this.#durable.catch(() => {});
  }

  /** Runs the tasks until the engine has no more events. */
  async run(): Promise<void> {
    const { counts, plan } = this.#run, { reporter } = plan;
    const ended = AbortSignal.any([plan.stop, this.#halted.signal]);
    const context = engineContext(plan), attempts = await this.#attempts(context);
    using steering = this.#steer(attempts, context);
    const { asked, failed } = steering, { lost } = this.#lock;
    // A job that moves waits for its running tasks, however long they take.
    const stop = AbortSignal.any(this.#stops);
    const signal = AbortSignal.any([plan.signal, this.#graceOver.signal, lost, failed]);
    await this.#list.loadCache();
    await this.#adaptPace(plan.settings.config);
    const synced = () => this.#run.journal.synced();
    using running = new RunningWatch(plan.folder, () => this.#events.stats.times?.median);
    const watch: EngineContext["watch"] = (look) => running.start(look);
    const observe = this.#gate?.observe ?? context.observe;
    const broken = new AbortController();
    const parts = {
      ...steering.parts,
      synced,
      watch,
      observe,
      stop,
      signal,
      broken: broken.signal,
    };
    const batches = this.#engine.run(attempts, { ...context, ...parts });
    const events = maskEvents(batches, plan.settings.config.env);
    using _grace = onAbort(ended, () => this.#startGrace());
    using _asked = onAbort(asked, () => reporter.warn(ASKED));
    using _progress = reporter.watch({
      counts,
      stop,
      tasks: () => this.#events.progress.tasks,
      note: () => steering.parts.pace.note,
    });
    try {
      for await (const batch of events) {
        try {
          await this.#take(batch, attempts);
        } catch (error) {
          // The engine sees this before the end of the loop.
          broken.abort();
          throw error;
        }
      }
      failed.throwIfAborted();
    } finally {
      this.#stopGrace?.();
      reporter.flushTaskLogs();
      for (const text of this.#events.valueWarnings.texts()) reporter.warn(text);
    }
  }

  /**
   * Records the end of the run.
   *
   * @param sinceStart the time since its start, in milliseconds
   */
  async end(sinceStart: number): Promise<Summary> {
    const ms = sinceStart - (this.#gate?.waitedMs ?? 0);
    this.#lock.lost.throwIfAborted();
    // A full or broken disk must fail here, before the record states that the job has ended.
    await Promise.all([this.#durable, this.#list.sync(), this.#events.end(this.#run.isDone)]);
    await restoreLostOutputs(this.#run);
    const error = await this.#export();
    const { read: total, succeeded, failed } = this.#run.counts;
    const { invalid } = this.#events;
    const counts = defined<JobCounts>({ total, succeeded, failed, invalid });
    const end = { ...this.#endTime(ms), state: this.#endState, counts };
    // A pause ends with the tasks that it holds back, so it does not hold back those of a retry.
    const isPaused = (!this.#run.isDone && this.#run.record.isPaused) || undefined;
    this.#run.update({ ...end, isPaused }, true);
    if (error) throw error;
    const isHalted = this.#halted.signal.aborted, isStopped = this.#isStopped;
    return summaryOf(this.#run, this.#events, this.#list, { ms, isStopped, isHalted });
  }

  [Symbol.dispose](): void {
    using _events = this.#events, _list = this.#list;
  }

  get #stops(): AbortSignal[] {
    const { stop, signal } = this.#run.plan, asked = this.#steering?.asked;
    return [stop, signal, this.#halted.signal, this.#enough.signal, ...asked ? [asked] : []];
  }

  get #isStopped(): boolean {
    return this.#stops.some(({ aborted }) => aborted);
  }

  get #endState(): JobRecord["state"] {
    if (this.#isStopped && !this.#run.isDone) return "canceled";
    return this.#run.counts.failed > 0 ? "failed" : "succeeded";
  }

  /** Returns the time of the end, and that of all runs. A run without tasks keeps those before. */
  #endTime(sinceStart: number): Pick<JobRecord, "ended" | "ms"> {
    const { plan: { lastEnded }, record: { ms = 0 } } = this.#run;
    if (this.#isRepeat) return { ended: lastEnded, ms };
    return { ended: new Date().toISOString(), ms: Math.round(ms + sinceStart) };
  }

  /** Writes what needs all results. An error does not keep the job from its end. */
  async #export(): Promise<unknown> {
    const { record, plan: { reporter } } = this.#run;
    try {
      const results = await writeFinalOutput(this.#run, this.#lock.lost);
      if (results !== undefined) this.#run.update({ files: { ...record.files, results } });
      return undefined;
    } catch (error) {
      if (!this.#isStopped) return error;
      reporter.warn((error as Error).message);
      return undefined;
    }
  }

  async #attempts(context: EngineContext): Promise<Attempts> {
    const { plan: { engine, settings }, past } = this.#run, { config, retry } = settings;
    return new Attempts(await this.#open(context), {
      policy: retry,
      backoff: config.backoff,
      limits: defined<Limits>({ timeout: context.timeout, memory: context.memory }),
      taskMemory: engine.taskMemory?.(settings.engineOptions),
      past: (id) => past.triesOf(id),
    }, async (last) => {
      // The tasks of a canary are far from each other.
      if (!this.#list.isSpread) await this.#events.waitForWindow(last);
    });
  }

  /** Opens the list of this run. */
  async #open(context: EngineContext): Promise<AsyncIterable<TaskBatch>> {
    const { given, canary } = this.#run.plan, end = () => this.#enough.abort();
    if (given) return takeBack(this.#list.open(), given, end);
    if (!canary) return this.#list.open();
    const { CanaryGate } = await import("./canary_gate.ts");
    const parts = { run: this.#run, events: this.#events, pace: this.#pace, context };
    const gate = this.#gate = new CanaryGate(canary.confirm, parts);
    return this.#list.openCanary(canary.tasks, async (sizes) => {
      const isConfirmed = await gate.pass(sizes, AbortSignal.any(this.#stops));
      if (!isConfirmed) end();
      return isConfirmed;
    });
  }

  /** Begins to apply changes that users ask for. */
  #steer(attempts: Attempts, { workers, timeout, memory }: EngineContext): Steering {
    const live = new LiveOptions({ workers, timeout, memory }), pace = this.#pace;
    const onChange = () => this.#haltWhenTooMany(), lock = this.#lock;
    return this.#steering = new Steering(this.#run, { live, pace, attempts, lock, onChange });
  }

  async #adaptPace({ concurrency }: Config): Promise<void> {
    if (typeof concurrency === "number") return;
    const { AutoLimit } = await import("../../tasks/auto_limit.ts");
    this.#pace.auto = new AutoLimit(Number(concurrency.split(":")[1] ?? Infinity));
  }

  /** Processes a batch of events. Successes are not processed individually. */
  async #take(batch: EventBatch, attempts: Attempts): Promise<void> {
    this.#lock.lost.throwIfAborted();
    await this.#durable;
    const { retried, ended } = this.#decide(batch.failures, attempts);
    await this.#events.record(batch, retried, ended);
    if (ended.length > 0) this.#haltWhenTooMany();
    const failed = ended.map(({ event }) => event.id);
    attempts.end(batch.succeeded + failed.length, batch.lines, failed);
    this.#pace.ended(batch);
    // Starts the sync early, so that the disk writes while the workers shut down.
    if (this.#run.isDone) this.#events.syncSoon();
    this.#run.plan.reporter.tick();
  }

  /**
   * Separates the failures that will be retried from those that end their tasks. If the run is
   * stopped, a task with attempts left remains pending until the job is resumed.
   */
  #decide(
    failures: readonly FailedAttempt[],
    attempts: Attempts,
  ): { retried: readonly FailedAttempt[]; ended: readonly FinalFailure[] } {
    const retried: FailedAttempt[] = [], ended: FinalFailure[] = [];
    const { final } = this.#run.plan.settings;
    for (const one of failures) {
      const failure = this.#list.explain(one), { event, args } = failure;
      const isFinal = final !== undefined && matchesError(final, event.error);
      if (!isFinal && attempts.retry(failure, this.#waitAfter(failure))) retried.push(failure);
      else ended.push({ event: { ms: 0, ...event, type: "failed" }, args });
    }
    return { retried, ended };
  }

  /** Returns the time until another attempt of a task that a service has limited. */
  #waitAfter({ event: { id, error }, args }: FailedAttempt): number {
    return error.class === "limited" ? this.#pace.limited({ id, args }, error.waitMs) : 0;
  }

  #haltWhenTooMany(): void {
    const { counts, past, plan: { reporter } } = this.#run, halt = this.#steering?.halt;
    if (!halt || this.#halted.signal.aborted || !isTooMany(halt, counts, past.failed)) return;
    const many = counts.failed === 1 ? "task has" : "tasks have";
    reporter.warn(`${counts.failed} ${many} failed: no more tasks are started`);
    this.#halted.abort();
  }

  #startGrace(): void {
    const { grace } = this.#run.plan.settings.config;
    this.#stopGrace = startLongTimer(() => this.#graceOver.abort(), grace);
  }
}
