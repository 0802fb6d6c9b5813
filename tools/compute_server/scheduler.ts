/**
 * Schedules builds, and the jobs of ready functions.
 *
 * @module
 */

import { delay } from "../../lib/util/time/delay.ts";
import { bundleKey } from "./functions.ts";
import { ENDS } from "./jobs.ts";
import type { Platform } from "./platform.ts";
import type { FunctionRecord, JobRecord } from "./records.ts";
import { toDate } from "./route.ts";
import { type Outcome, runBuild, runJob } from "./runner.ts";

/** Starts jobs while slots are free, and records their outcomes. */
export class Scheduler implements AsyncDisposable {
  #waiting: JobRecord[] = [];
  /** The running jobs, by function id. */
  #running = new Map<string, Set<JobRecord>>();
  #under = new Set<Promise<void>>();
  #closed = new AbortController();
  /** The number of jobs that run now, and the largest number so far. */
  readonly load = { now: 0, most: 0 };

  constructor(readonly platform: () => Platform) {}

  /** True for a job in a final state whose process has ended. */
  hasEnded(job: JobRecord): boolean {
    return ENDS.includes(job.wire.status) && !this.isRunning(job);
  }

  /** True for a job that is starting a process or has one. */
  isRunning(job: JobRecord): boolean {
    return this.#running.get(job.wire.function_id)?.has(job) ?? false;
  }

  /** Queues a job. */
  add(job: JobRecord): void {
    this.#waiting.push(job);
    this.wake();
  }

  /** Removes a job from the queue. */
  forget(job: JobRecord): void {
    this.#waiting = this.#waiting.filter((one) => one !== job);
  }

  /** Schedules a check of the queue. */
  wake(): void {
    // The check is deferred, because the answer to a request must show the state before any job
    // starts.
    if (this.#waiting.length > 0) queueMicrotask(() => this.#start());
  }

  /**
   * Cancels a job. A pending job ends immediately, and a running job in two steps. A job in any
   * other state does not change.
   */
  cancel(job: JobRecord): void {
    if (job.wire.status === "pending") {
      this.forget(job);
      this.#end(job, { status: "canceled", exitCode: null, reason: "canceled", ms: 0 });
    } else if (job.wire.status === "running") {
      job.wire.status = "cancel";
      this.#follow(this.#cancelRunning(job));
    }
  }

  /** Builds a function whose bundle is uploaded. */
  build(record: FunctionRecord): void {
    record.wire.status = "building";
    this.#follow(this.#build(record));
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#waiting = [];
    while (this.#under.size > 0) {
      for (const jobs of this.#running.values()) for (const job of jobs) job.kill?.();
      // A job that is starting can be ended only after its start.
      await Promise.race([Promise.all(this.#under), new Promise((done) => setTimeout(done, 20))]);
    }
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#under.delete(followed));
    this.#under.add(followed);
  }

  #start(): void {
    const { functions, options } = this.platform();
    for (const job of [...this.#waiting]) {
      if (this.load.now >= options.slots || this.#closed.signal.aborted) return;
      const owner = functions.get(job.wire.function_id);
      if (!owner || !this.#hasRoom(owner)) continue;
      this.forget(job);
      this.#follow(this.#run(job, owner));
    }
  }

  #hasRoom({ wire }: FunctionRecord): boolean {
    const running = this.#running.get(wire.id)?.size ?? 0;
    return wire.status === "ready" && running < wire.maximum_concurrency;
  }

  async #run(job: JobRecord, owner: FunctionRecord): Promise<void> {
    const running = this.#running.getOrInsertComputed(job.wire.function_id, () => new Set());
    running.add(job);
    this.load.most = Math.max(this.load.most, ++this.load.now);
    this.#begin(job);
    const outcome = await runJob(this.platform(), job, owner);
    running.delete(job);
    this.load.now--;
    this.#settle(job, owner, outcome);
    this.wake();
  }

  #begin(job: JobRecord): void {
    const { counts, options } = this.platform(), { wire } = job;
    wire.status = "running";
    wire.execution_count = (wire.execution_count ?? 0) + 1;
    wire.last_execution_date = toDate(options.now());
    job.tries++;
    counts.executions++;
  }

  #settle(job: JobRecord, { wire: owner }: FunctionRecord, outcome: Outcome): void {
    const wasCanceled = job.wire.status === "canceling" && outcome.killed;
    const mayGoOn = outcome.status === "failure" && job.wire.status === "running";
    job.kill = undefined;
    if (mayGoOn && job.tries <= owner.retry_count && !this.#closed.signal.aborted) {
      job.wire.status = "pending";
      this.#waiting.push(job);
    } else {
      this.#end(job, wasCanceled ? { ...outcome, status: "canceled" } : outcome);
    }
  }

  #end({ wire }: JobRecord, { status, exitCode, reason, ms, statistics }: Outcome): void {
    wire.status = status;
    wire.exit_code = exitCode;
    wire.error_reason = status === "success" ? null : reason;
    wire.runtime = Math.round(ms / 1000);
    wire.statistics = statistics ?? null;
    wire.last_completion_date = toDate(this.platform().options.now());
  }

  async #cancelRunning(job: JobRecord): Promise<void> {
    const { cancelMs } = this.platform().options;
    await this.#wait(cancelMs);
    // The process may have exited already.
    if (job.wire.status !== "cancel") return;
    job.wire.status = "canceling";
    await this.#wait(cancelMs);
    if (job.wire.status === "canceling") job.kill?.();
  }

  async #build(record: FunctionRecord): Promise<void> {
    const { blobs, faults, options } = this.platform(), { wire } = record;
    await this.#wait(options.buildMs);
    const bundle = blobs.get(bundleKey(wire.id))!;
    const { ok, log } = await runBuild(this.platform(), record, bundle);
    const isBroken = faults.take("build", wire.name);
    record.buildLog = isBroken ? `${log}The image could not be made\n` : log;
    blobs.set(`logs/${wire.namespace}/${wire.id}`, new TextEncoder().encode(record.buildLog));
    wire.status = !ok || isBroken ? "build_failed" : wire.auto_start ? "ready" : "stopped";
    this.wake();
  }

  /** Waits for some milliseconds, or until the server ends. */
  #wait(ms: number): Promise<void> {
    return delay(ms, [this.#closed.signal]);
  }
}
