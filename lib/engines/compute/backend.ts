/**
 * The platform backend: each submission is one request, and each part is a platform job.
 *
 * A platform job returns the events of its tasks in a result archive when it ends. The controller
 * then fetches the archive and the job's log.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { UsageError } from "../../util/errors.ts";
import { PRIVATE_FOLDER } from "../../util/fs.ts";
import type { Backend, BackendContext, Judgement, Refusal } from "../batch/backend.ts";
import type { PollPace } from "../batch/poll_interval.ts";
import type { Assignment } from "../batch/reattach.ts";
import type { Start } from "../batch/start_check.ts";
import type { Submissions } from "../batch/submissions.ts";
import type { ComputePart } from "./compute_part.ts";
import { type Deployment, prepare } from "./deploy.ts";
import { isPassing, reached, statusOf } from "./http.ts";
import { JobLogs, waitBriefly } from "./job_log.ts";
import { type ComputeSettings, parseComputeOptions } from "./options.ts";
import { Platform } from "./platform.ts";
import { isOneOf } from "./records.ts";
import { ResultWait } from "./result_wait.ts";
import { SliceEstimate } from "./slice_estimate.ts";
import { PlatformStates } from "./states.ts";
import {
  cancelSubmission,
  eachFilter,
  findAssignments,
  readSubmissions,
  type SubmissionRecord,
  submissionsOf,
} from "./submission.ts";
import { MAX_REQUEST, Submitter } from "./submitter.ts";

const WINDOW = { tasks: 400_000, bytes: 128 * 1024 * 1024 };
// The most bytes of arguments in one platform job, before compression.
const SLICE_BYTES = 128 * 1024;
// The most restarts of a failed platform job before its tasks are charged.
const MAX_RERUNS = 2;
const READ_AT_ONCE = 8;

/** The connection of one controller to the platform. */
export class ComputeBackend implements Backend<ComputePart> {
  readonly limits = { window: WINDOW, submission: MAX_REQUEST, sliceBytes: SLICE_BYTES };
  readonly pollPace: PollPace;
  #context: BackendContext;
  #settings: ComputeSettings;
  #platform: Platform;
  #submitter: Submitter;
  #submissions: Submissions<SubmissionRecord>;
  #states: PlatformStates;
  #logs: JobLogs;
  #estimate = new SliceEstimate();
  #isStopped = false;
  #hasSucceeded = false;

  private constructor(
    context: BackendContext,
    settings: ComputeSettings,
    platform: Platform,
    deployment: Deployment,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#platform = platform;
    this.#submissions = submissionsOf(context.folder);
    this.#submitter = new Submitter({
      context,
      settings,
      platform,
      deployment,
      submissions: this.#submissions,
    });
    this.#states = new PlatformStates(platform);
    this.#logs = new JobLogs(platform, context.warn, context.signal);
    this.pollPace = { leastMs: settings.pollMs, mostMs: 60_000, growth: 1.5 };
  }

  /**
   * Reads the credentials, and packs the function of the job.
   *
   * @throws {UsageError} when credentials are missing or incomplete, or an option is invalid.
   */
  static async open(context: BackendContext): Promise<ComputeBackend> {
    const settings = parseComputeOptions(context);
    const platform = await Platform.open(context.warn, settings.image);
    const { folder } = submissionsOf(context.folder);
    await Deno.mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
    const { deployment, warnings } = await prepare(context, settings);
    for (const warning of [...settings.warnings, ...warnings]) context.warn(`Warning: ${warning}`);
    return new ComputeBackend(context, settings, platform, deployment);
  }

  /** Lists the assignments of the job's earlier platform jobs. */
  reattach(): Promise<Assignment<ComputePart>[]> {
    return reached(findAssignments(this.#submissions, this.#platform));
  }

  /** Returns true when another process has canceled the job. */
  isCanceled(): boolean {
    return this.#submissions.isCanceled();
  }

  /**
   * Returns the slice size that splits the tasks evenly among concurrent platform jobs, up to the
   * estimated maximum per job.
   */
  sliceTasks(tasks: number): number {
    const { maximumConcurrency, workers } = this.#settings;
    const share = Math.ceil(tasks / maximumConcurrency);
    return Math.max(1, Math.min(share, this.#estimate.most(workers)));
  }

  /** Submits one platform job per slice, for the first slices that fit in one request. */
  submit(slices: readonly TaskBatch[][]): Promise<ComputePart[] | Refusal> {
    return this.#submitter.submit(slices);
  }

  /**
   * Asks which platform jobs have ended. When no job has ended, checks the build of the function.
   */
  async poll(parts: ReadonlySet<ComputePart>): Promise<boolean> {
    const ended = await this.#patiently(() => this.#states.update(parts));
    if (ended.length === 0) await this.#patiently(() => this.#submitter.checkBuild());
    // A result or a log that is missing may arrive soon.
    return parts.values().some(({ ended }) => ended !== undefined);
  }

  /** Yields the events of finished platform jobs: first those in their results, then their logs. */
  async *collect(parts: ReadonlySet<ComputePart>): AsyncGenerator<EventBatch> {
    const ended = [...parts].filter(({ ended }) => ended !== undefined);
    for (const part of ended) part.log ??= this.#logs.read(part.ended!.job?.id);
    const due = ended.filter((part) => !part.isSettled && this.#waitOf(part).isDue);
    for (let at = 0; at < due.length; at += READ_AT_ONCE) {
      const some = due.slice(at, at + READ_AT_ONCE);
      const archives = await Promise.all(some.map((part) => this.#result(part)));
      for (const [index, part] of some.entries()) yield* this.#readResult(part, archives[index]);
    }
    await waitBriefly(ended.map(({ log }) => log!), this.#context.signal);
    for (const part of ended) yield* this.#readLog(part);
  }

  /**
   * Decides whether a platform job is over. A failed job is restarted up to twice. If it still
   * fails, its slice is split to find the failing task.
   */
  judge(part: ComputePart): Judgement {
    if (!part.ended || !part.isSettled || !part.isLogRead) return { type: "running" };
    const { job } = part.ended, start = this.#startOf(part);
    if (this.#mayRerun(part)) return { type: "rerun", start };
    // No task is charged for a platform job that was canceled before its start.
    part.isCanceled ||= this.#isStopped && job?.status === "canceled";
    const running = this.#settings.workers * this.#context.concurrency;
    return { type: "over", start, leftover: part.takeLeftover(running) };
  }

  /** Asks the platform to restart a failed job. */
  async rerun(part: ComputePart): Promise<void> {
    await this.#patiently(() => this.#platform.rerunJobs([part.job]));
    part.restart();
  }

  /** Cancels pending platform jobs. Running jobs cannot be notified, so they finish their tasks. */
  async stop(): Promise<void> {
    const records = await readSubmissions(this.#submissions),
      pending = isOneOf("status", ["pending"]);
    await this.#patiently(() =>
      eachFilter(records, (filter) => this.#platform.cancelJobs([...filter, pending]))
    );
    this.#isStopped = true;
  }

  /** Cancels all platform jobs of the job, and marks the job as canceled. */
  async cancel(): Promise<void> {
    await this.#submissions.markCanceled();
    const records = await readSubmissions(this.#submissions);
    const canceled = records.map((record) => cancelSubmission(this.#platform, record));
    for (const outcome of await Promise.allSettled(canceled)) {
      if (outcome.status === "rejected") this.#warnLeft(outcome.reason);
    }
  }

  /** Removes the job's platform jobs with their results, and the records of the submissions. */
  async release(): Promise<void> {
    try {
      const records = await readSubmissions(this.#submissions);
      await eachFilter(records, (filter) => this.#platform.deleteJobs(filter));
      if (this.#settings.deleteFunction) await this.#deleteFunctions(records);
      await Deno.remove(this.#submissions.folder, { recursive: true });
    } catch (error) {
      this.#warnLeft(error as Error);
    }
  }

  async #deleteFunctions(records: readonly SubmissionRecord[]): Promise<void> {
    for (const id of new Set(records.map(({ function: { id } }) => id))) {
      await this.#platform.deleteUnused(id);
    }
  }

  /** Returns an error with the reason that a platform job failed, and the end of its log. */
  startError(part: ComputePart): UsageError {
    const { id, error_reason, exit_code } = part.ended!.job!;
    const reason = error_reason ?? `exit code ${exit_code}`;
    return new UsageError(
      `Cannot run on the platform: its job ${id} ended (${reason}) before it started a task, ` +
        `like others before it\n${part.logEnd}`,
    );
  }

  #warnLeft(error: Error): void {
    this.#context.warn(
      `Warning: platform jobs of this job were not removed: ${error.message}; ` +
        "their ids are in the folder compute of the job",
    );
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    return this.#context.patiently(ask, isPassing);
  }

  /** Returns the outcome of a part's start. A log that could not be read tells nothing. */
  #startOf(part: ComputePart): Start {
    const job = part.ended?.job;
    if (!job) return "unknown";
    this.#hasSucceeded ||= job.status === "success";
    const isOwnEnd = this.#isStopped || part.isCanceled || job.status !== "failure";
    if (isOwnEnd || part.hasStarted) return "succeeded";
    return this.#hasSucceeded || part.log?.text === undefined ? "unknown" : "failed";
  }

  #waitOf(part: ComputePart): ResultWait {
    return part.wait ??= new ResultWait(this.#settings.resultWaitMs);
  }

  /** Requests the result of a platform job that may have one. A job that is gone may have one, too. */
  async #result(part: ComputePart): Promise<Uint8Array | undefined> {
    const { job } = part.ended!;
    if (job && job.status !== "success") return undefined;
    try {
      return await this.#patiently(() => this.#platform.result(part.source, part.job));
    } catch (error) {
      // The address of a result is valid for a limited time, so another address may work.
      if (statusOf(error) === undefined || this.#waitOf(part).missed()) throw error;
      return undefined;
    }
  }

  async *#readResult(
    part: ComputePart,
    archive: Uint8Array | undefined,
  ): AsyncGenerator<EventBatch> {
    try {
      if (archive) yield* part.readArchive(archive);
    } catch (error) {
      const { message } = error as Error;
      this.#context.warn(`Warning: the result of a platform job is damaged: ${message}`);
    }
    if (part.end && "broken" in part.end) throw new UsageError(part.end.broken);
    const isExpected = part.ended!.job?.status === "success";
    part.isSettled = part.end !== undefined || !isExpected || this.#waitOf(part).missed();
  }

  *#readLog(part: ComputePart): Generator<EventBatch> {
    if (part.isLogRead || !part.log?.isOver) return;
    part.isLogRead = true;
    const logs = part.readLog(part.log.text ?? "");
    // The log of the next run also contains the log of this run.
    if (this.#mayRerun(part)) return;
    yield* logs;
    yield* part.takeSpans();
    this.#estimate.add(part.assigned - part.inFlight.count, part.archiveBytes, part.busyMs);
  }

  /** Returns true when a failed platform job has restarts left and was not canceled. */
  #mayRerun({ ended, isCanceled, reruns }: ComputePart): boolean {
    return ended?.job?.status === "failure" && !this.#isStopped && !isCanceled &&
      reruns < MAX_RERUNS;
  }
}
