/**
 * One run of a job on the platform: tasks are cut to slices, platform jobs run them, and what becomes
 * of them is fetched when these have ended.
 *
 * @module
 */

import { type EventBatch, NO_EVENTS } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { concatBytes } from "../../util/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import { exists } from "../../util/fs.ts";
import { Reattachment } from "../batch/reattach.ts";
import { SubmitThrottle } from "../batch/submit_throttle.ts";
import { TaskBuffer } from "../batch/task_buffer.ts";
import type { EngineContext } from "../engine.ts";
import { cutSlices, taskRanges } from "../shared/task_ranges.ts";
import { checkBuild, deploy, type Deployment, prepare } from "./deploy.ts";
import { HttpError, LostAnswer, reached, unreached } from "./http.ts";
import { type ComputeSettings, parseComputeOptions } from "./options.ts";
import { isOneOf, Platform, type PlatformFunction, type PlatformJob } from "./platform.ts";
import { type Ended, Poll } from "./poll.ts";
import { Slice, type SliceSettings } from "./slice.ts";
import {
  type BulkRecord,
  bulksOf,
  canceledFile,
  findAssignments,
  jobTag,
  nextBulk,
  openJobs,
  placeOf,
  removeBulks,
  taggedJobs,
  writeBulk,
} from "./submission.ts";

// What may wait and be under way.
const WINDOW = { tasks: 400_000, bytes: 128 * 1024 * 1024 };
// What one request takes at the most: the platform's limit, and what is sent in reasonable time.
const BULK = { tasks: 100_000, jobs: 1000, bytes: 4 * 1024 * 1024 };
// The arguments of one platform job, before they are compressed.
const SLICE_BYTES = 128 * 1024;
// What comes back of one platform job should not fill more than half of what it may bring back.
const RESULT_BYTES = 500_000;
// The platform advises jobs of one to ten minutes.
const SLICE_MS = 300_000;
// So many platform jobs in a row that begin nothing: the next ones would not either.
const MAX_FAILED_STARTS = 3;
const MAX_RERUNS = 2;
const BUSY_MS = 10_000;
const READ_AT_ONCE = 8;

/** One run of a job on the platform. */
export class ComputeRun implements AsyncDisposable {
  #context: EngineContext;
  #settings: ComputeSettings;
  #platform: Platform;
  #deployment: Deployment;
  #adoption: Reattachment<Slice>;
  #intake: TaskBuffer;
  #pace = new SubmitThrottle();
  #slices = new Map<string, Slice>();
  /** What platform jobs left behind that failed: each in one of its own. */
  #again: TaskBatch[][] = [];
  #function: PlatformFunction | undefined;
  #sizes = new Sizes();
  #poll: Poll;
  #isStopped = false;
  #endedCleanly = false;
  #failedStarts = 0;
  #told = new Set<string>();
  #aborted: Promise<never>;

  private constructor(
    context: EngineContext,
    settings: ComputeSettings,
    platform: Platform,
    deployment: Deployment,
    adoption: Reattachment<Slice>,
    tasks: AsyncIterable<TaskBatch>,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#platform = platform;
    this.#deployment = deployment;
    this.#adoption = adoption;
    this.#intake = new TaskBuffer(tasks, WINDOW);
    this.#poll = new Poll(platform, settings.pollMs);
    this.#aborted = rejected(context.signal);
  }

  /** Puts together what travels, and finds out what a former controller left there. */
  static async begin(
    tasks: AsyncIterable<TaskBatch>,
    context: EngineContext,
  ): Promise<ComputeRun> {
    const settings = parseComputeOptions(context);
    const platform = await Platform.open(context.warn);
    await Deno.mkdir(bulksOf(context.folder), { recursive: true });
    const { deployment, warnings } = await prepare(context, settings);
    for (const warning of [...settings.warnings, ...warnings]) context.warn(`Warning: ${warning}`);
    const claims = await reached(findAssignments(context.folder, platform));
    const adoption = new Reattachment(claims);
    return new ComputeRun(context, settings, platform, deployment, adoption, tasks);
  }

  /** What becomes of the tasks. */
  async *events(): AsyncGenerator<EventBatch> {
    const { signal } = this.#context;
    try {
      while (!signal.aborted && !this.#isOver) {
        this.#intake.read(this.#underway);
        await this.#patiently(() => this.#stopIfAsked());
        await this.#submitIfDue();
        yield* this.#look();
        if (!signal.aborted && !this.#isOver) await this.#rest();
      }
    } catch (error) {
      // Whatever was on its way then.
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    this.#endedCleanly = true;
    if (this.#intake.failure) throw this.#intake.failure.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { folder } = this.#context;
    await this.#intake.close();
    if (this.#slices.size > 0) {
      await Deno.writeTextFile(canceledFile(folder), "");
      await this.#platform.cancelJobs(openJobs(folder)).catch((error) => this.#notEnded(error));
    } else if (this.#endedCleanly) {
      // The journal has it all.
      await removeBulks(folder, this.#platform).catch((error) => this.#notEnded(error));
    }
  }

  #notEnded(error: Error): void {
    this.#tell(
      `Warning: platform jobs with the tag ${
        jobTag(this.#context.folder)
      } are left: ${error.message}`,
    );
  }

  get #isOver(): boolean {
    if (this.#slices.size > 0) return false;
    if (this.#isStopped) return true;
    return this.#intake.isEnded && this.#intake.count === 0 && this.#again.length === 0;
  }

  get #underway() {
    let tasks = 0, bytes = 0;
    for (const slice of this.#slices.values()) {
      tasks += slice.pending.count;
      bytes += slice.bytes;
    }
    return { tasks, bytes };
  }

  async #stopIfAsked(): Promise<void> {
    if (this.#isStopped || !this.#context.stop.aborted) return;
    this.#adopt();
    // What runs there cannot be told: it ends when it has done all that it has.
    await this.#platform.cancelJobs([
      ...taggedJobs(this.#context.folder),
      isOneOf("status", ["pending"]),
    ]);
    this.#isStopped = true;
    this.#poll.soon();
  }

  async #submitIfDue(): Promise<void> {
    const now = performance.now();
    const { count, bytes } = this.#intake;
    const isFull = count >= BULK.tasks || bytes >= BULK.bytes || this.#again.length > 0;
    if (this.#isStopped || !(isFull || this.#pace.isStill(this.#intake, now))) return;
    this.#adopt();
    const isAlone = this.#slices.size === 0;
    if (this.#intake.count + this.#again.length === 0) return;
    if (!this.#pace.mayGo(now, { isFull, isAlone })) return;
    await this.#submit();
  }

  /** What waits goes to platform jobs of a former controller where it is theirs. */
  #adopt(): void {
    if (this.#adoption.isEmpty) return;
    const waiting: TaskBatch[] = [];
    while (this.#intake.count > 0) waiting.push(...this.#intake.take(this.#intake.count));
    this.#intake.giveBack(waiting.flatMap((batch) => this.#adoption.sort(batch)));
    for (const slice of this.#adoption.parts) this.#slices.set(slice.job, slice);
  }

  async #submit(): Promise<void> {
    this.#function ??= await this.#deploy();
    const slices = this.#cut(), args = await this.#pack(slices);
    const record = this.#record(slices);
    const path = nextBulk(this.#context.folder);
    await writeBulk(path, record);
    const jobs = await this.#send(record, args);
    if (!jobs) {
      await Deno.remove(path);
      return this.#giveBack(slices);
    }
    await writeBulk(path, { ...record, jobs });
    for (const [index, batches] of slices.entries()) {
      const slice = new Slice(jobs[index]!, record.function, placeOf(path, index));
      for (const batch of batches) slice.push(batch);
      this.#slices.set(slice.job, slice);
    }
    this.#pace.sent(performance.now());
    this.#poll.soon();
  }

  async #deploy(): Promise<PlatformFunction> {
    const made = await reached(deploy(this.#platform, this.#deployment));
    if (made.status === "building") {
      this.#tell(
        "The platform builds the function, which takes some minutes; the next job of the " +
          "same code starts at once",
      );
    }
    return made;
  }

  /** Takes tasks for one request, cut to its platform jobs. */
  #cut(): TaskBatch[][] {
    const again = this.#again.splice(0, BULK.jobs);
    const batches = this.#intake.take(BULK.tasks);
    const count = batches.reduce((sum, batch) => sum + batch.count, 0);
    const { chunk } = this.#context, { maximumConcurrency, workers } = this.#settings;
    const share = Math.ceil(count / maximumConcurrency);
    const tasks = chunk ?? Math.max(1, Math.min(share, this.#sizes.most(workers)));
    const slices = [...again, ...cutSlices(batches, { tasks, bytes: SLICE_BYTES })];
    this.#giveBack(slices.splice(BULK.jobs));
    return slices;
  }

  #giveBack(slices: readonly TaskBatch[][]): void {
    this.#intake.giveBack(slices.flat());
  }

  /** The arguments of the platform jobs, as many as one request takes; the other slices go back. */
  async #pack(slices: TaskBatch[][]): Promise<unknown[][]> {
    const all: unknown[][] = [];
    let room = BULK.bytes;
    for (const [index, slice] of slices.entries()) {
      const packed = await pack(slice);
      room -= packed.length;
      if (room < 0 && index > 0) break;
      all.push([index, this.#settingsOf(slice), slice.flatMap(taskRanges), packed]);
    }
    this.#giveBack(slices.splice(all.length));
    return all;
  }

  #settingsOf(slice: readonly TaskBatch[]): SliceSettings {
    const { concurrency, permissions, timeout, memory } = this.#context;
    const { workers, timeout: seconds } = this.#settings;
    return {
      ...{ concurrency, permissions, gpus: 0, workers, seconds },
      ...timeout ? { timeout } : {},
      ...memory ? { memory } : {},
      ...slice[0]!.limits,
    };
  }

  #record(slices: readonly TaskBatch[][]): BulkRecord {
    const { id, namespace } = this.#function!;
    return {
      function: { id, namespace },
      reference: crypto.randomUUID(),
      slices: slices.map((slice) => slice.flatMap(taskRanges)),
    };
  }

  /** Asks for platform jobs, and gives their ids in the order of the slices. */
  async #send(
    { function: { id }, reference }: BulkRecord,
    args: readonly unknown[][],
  ): Promise<string[] | undefined> {
    const { env, folder } = this.#context;
    const bulk = {
      function_id: id,
      bulk_args: args,
      bulk_kwargs: null,
      bulk_environments: Object.keys(env).length > 0 ? args.map(() => env) : null,
      reference_id: reference,
      tags: ["dl_jobs", jobTag(folder), reference, ...this.#settings.tags],
    };
    try {
      const jobs = await this.#patiently(() => this.#platform.submit(bulk));
      return args.map((_, index) => idOf(jobs, index));
    } catch (error) {
      if (error instanceof UsageError) await checkBuild(this.#platform, id);
      if (!(error instanceof HttpError) || error.status !== 404) throw unreached(error);
      // Somebody has removed it.
      this.#function = undefined;
      return undefined;
    }
  }

  /** Asks how the platform jobs stand, if it is time, and deals with those that have ended. */
  async *#look(): AsyncGenerator<EventBatch> {
    if (this.#slices.size === 0 || this.#poll.waitMs > 0) return;
    if (exists(canceledFile(this.#context.folder))) {
      throw new UsageError("Cannot go on: the job was canceled from elsewhere");
    }
    const ended = await this.#patiently(() => this.#poll.ask(this.#slices));
    if (ended.length === 0) await this.#patiently(() => this.#checkBuild());
    for (let at = 0; at < ended.length; at += READ_AT_ONCE) {
      const some = ended.slice(at, at + READ_AT_ONCE);
      const read = await this.#patiently(() => Promise.all(some.map((one) => this.#read(one))));
      for (const one of read) yield* this.#end(one);
    }
  }

  async #checkBuild(): Promise<void> {
    if (this.#function?.status !== "building") return;
    const status = await checkBuild(this.#platform, this.#function.id);
    if (status) this.#function = { ...this.#function, status };
  }

  /** What a platform job wrote and returned. */
  async #read({ slice, job }: Ended): Promise<Read> {
    const [log, answers] = await Promise.all([
      job ? this.#platform.jobLog(job.id) : "",
      job?.status === "success" ? this.#platform.result(slice.source, job.id) : undefined,
    ]);
    return { slice, job, log, answers };
  }

  async *#end({ slice, job, log, answers }: Read): AsyncGenerator<EventBatch> {
    const logged = slice.readLog(log);
    if (job && this.#mayRunAgain(slice, job, log)) {
      return await this.#patiently(() => this.#platform.rerunJobs([slice.job]));
    }
    this.#slices.delete(slice.job);
    // What it left comes in again, and is not its own any more.
    this.#adoption.forget(slice);
    yield* logged;
    const before = slice.pending.count;
    if (answers) yield* slice.readAnswers(answers);
    yield* slice.takeSpans();
    if (slice.end && "broken" in slice.end) throw new UsageError(slice.end.broken);
    this.#sizes.add(before - slice.pending.count, answers?.length ?? 0, slice.busyMs);
    // What waited when the run was stopped has never begun.
    slice.isCanceled ||= this.#isStopped && job?.status === "canceled";
    const { failures, slices } = slice.takeRest(job, this.#running);
    if (!this.#isStopped) this.#again.push(...slices);
    if (failures.length > 0) yield { ...NO_EVENTS, failures };
  }

  /** Whether the platform shall begin one again that failed, for it may not be the tasks' fault. */
  #mayRunAgain(slice: Slice, job: PlatformJob, log: string): boolean {
    if (this.#isStopped || slice.isCanceled || job.status !== "failure") {
      this.#failedStarts = 0;
      return false;
    }
    this.#failedStarts = slice.hasBegun ? 0 : this.#failedStarts + 1;
    if (this.#failedStarts >= MAX_FAILED_STARTS) throw cannotStart(job, log);
    return slice.reruns++ < MAX_RERUNS;
  }

  /** How many tasks a platform job has under way at the most. */
  get #running(): number {
    return this.#settings.workers * this.#context.concurrency;
  }

  /**
   * Asks again, as long as it takes, when the platform does not answer: what runs there goes on. Only
   * at the start nothing does.
   */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { signal } = this.#context;
    for (;;) {
      try {
        return await Promise.race([ask(), this.#aborted]);
      } catch (error) {
        if (!isPassing(error) || this.#slices.size === 0 || signal.aborted) throw error;
        this.#tell(`The platform does not answer, it is asked again: ${error.message}`);
        await sleep(BUSY_MS, [signal]);
        if (signal.aborted) throw error;
      }
    }
  }

  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#context.warn(text);
  }

  /** Waits until there may be something to do. */
  async #rest(): Promise<void> {
    const { signal, stop } = this.#context;
    const waits = this.#intake.count + this.#again.length > 0;
    const ms = this.#slices.size === 0 || waits ? this.#pace.lookMs : this.#poll.waitMs;
    const signals = this.#isStopped ? [signal] : [signal, stop];
    await Promise.race([sleep(ms, signals), ...waits ? [] : [this.#intake.changed]]);
  }
}

/** A slice whose platform job has ended, with what that left. */
interface Read extends Ended {
  readonly log: string;
  readonly answers: Uint8Array | undefined;
}

/** How much comes back of a task, and how long it takes, by those that are done. */
class Sizes {
  #tasks = 0;
  #bytes = 0;
  #ms = 0;

  add(tasks: number, bytes: number, ms: number): void {
    this.#tasks += tasks;
    this.#bytes += bytes;
    this.#ms += ms;
  }

  /** How many tasks one platform job should have at the most. */
  most(workers: number): number {
    if (this.#tasks === 0) return Infinity;
    const bySize = RESULT_BYTES / (this.#bytes / this.#tasks);
    const byTime = SLICE_MS * workers / (this.#ms / this.#tasks);
    return Math.floor(Math.min(bySize, byTime));
  }
}

/** A bulk may be answered in any order. */
function idOf(jobs: readonly PlatformJob[], index: number): string {
  const found = jobs[index]?.args[0] === index
    ? jobs[index]
    : jobs.find((job) => job.args[0] === index);
  if (found) return found.id;
  throw new UsageError(`Cannot run on the platform: it made no job ${index} of ${jobs.length}`);
}

/** The arguments of some tasks, compressed. */
async function pack(slice: readonly TaskBatch[]): Promise<string> {
  const bytes = concatBytes(slice.map((batch) => batch.bytes));
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).toBase64();
}

function isPassing(error: unknown): error is HttpError | LostAnswer {
  return error instanceof LostAnswer ||
    (error instanceof HttpError && (error.status >= 500 || error.status === 429));
}

function cannotStart({ id, error_reason, exit_code }: PlatformJob, log: string): UsageError {
  const words = log.trim().split("\n").slice(-5).join("\n");
  return new UsageError(
    `Cannot run on the platform: its job ${id} ended (${
      error_reason ?? `exit code ${exit_code}`
    }) ` +
      `and did nothing, as others before it\n${words}`,
  );
}

/** What fails when a signal is aborted, and has no other end. */
function rejected(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  // Nobody may be waiting for it.
  promise.catch(() => {});
  return promise;
}

async function sleep(ms: number, signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms), done = () => resolve();
  for (const signal of signals) {
    if (signal.aborted) done();
    signal.addEventListener("abort", done, { once: true });
  }
  await promise;
  clearTimeout(timer);
  for (const signal of signals) signal.removeEventListener("abort", done);
}
