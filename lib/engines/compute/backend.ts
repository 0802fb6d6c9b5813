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
import { makePrivateFolder } from "../../util/files/fs.ts";
import type {
  Backend,
  BackendContext,
  BackendLimits,
  Judgement,
  Refusal,
} from "../batch/backend.ts";
import type { PollPace } from "../batch/poll_interval.ts";
import type { Assignment } from "../batch/reattach.ts";
import { SliceEstimate } from "../batch/slice_estimate.ts";
import type { Start } from "../batch/start_check.ts";
import type { Submissions } from "../batch/submissions.ts";
import type { ComputePart } from "./compute_part.ts";
import { type Deployment, prepare } from "./deploy.ts";
import { isPassing, reached } from "./http.ts";
import { JobOutputs } from "./job_outputs.ts";
import { type ComputeSettings, parseComputeOptions } from "./options.ts";
import { Platform } from "./platform.ts";
import { MAX_REQUEST } from "./slice_calls.ts";
import { PlatformStates } from "./states.ts";
import {
  cancelSubmissions,
  eachFilter,
  findAssignments,
  type SubmissionRecord,
  submissionsOf,
} from "./submission.ts";
import { Submitter } from "./submitter.ts";

const WINDOW = { tasks: 400_000, bytes: 128 * 1024 * 1024 };
// The most bytes of arguments in one platform job, before compression.
const SLICE_BYTES = 384 * 1024;
// The platform recommends jobs of one to ten minutes. Results vary in size, so a slice has half the
// size limit of a result.
const SLICE_LIMITS = { ms: 300_000, bytes: 500_000 };
// Slices of this many tasks may be short work. A few of them run first, and the rest follows in
// slices of a better size; or after `ms`, in slices of the same size.
const PROBE = { tasks: 100, slices: 4, ms: 10_000 };
// The most restarts of a failed platform job before its tasks are charged.
const MAX_RERUNS = 2;

/** The connection of one controller to the platform. */
export class ComputeBackend implements Backend<ComputePart> {
  readonly pollPace: PollPace;
  #context: BackendContext;
  #settings: ComputeSettings;
  #platform: Platform;
  #submitter: Submitter;
  #submissions: Submissions<SubmissionRecord>;
  #states: PlatformStates;
  #outputs: JobOutputs;
  #estimate = new SliceEstimate();
  /** The end of the time in which only the first slices run, from `performance.now()`. */
  #probeEnd = 0;
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
    this.#outputs = new JobOutputs({
      platform,
      context,
      resultWaitMs: settings.resultWaitMs,
      estimate: this.#estimate,
      mayRerun: (part) => this.#mayRerun(part),
    });
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
    makePrivateFolder(folder);
    const { deployment, warnings } = await prepare(context, settings);
    for (const warning of [...settings.warnings, ...warnings]) context.warn(`Warning: ${warning}`);
    return new ComputeBackend(context, settings, platform, deployment);
  }

  /** The most tasks, bytes and slices. While the first slices run, they are the only ones. */
  get limits(): BackendLimits {
    const isProbing = !this.#estimate.isKnown && performance.now() < this.#probeEnd;
    const limits = { window: WINDOW, submission: MAX_REQUEST, sliceBytes: SLICE_BYTES };
    return isProbing ? { ...limits, parts: PROBE.slices } : limits;
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
   * Returns the slice size that splits the tasks evenly among concurrent platform jobs, within the
   * estimated least and most of a job.
   */
  sliceTasks(tasks: number): number {
    const { maximumConcurrency, workers } = this.#settings;
    const share = Math.ceil(tasks / maximumConcurrency);
    const most = this.#estimate.most(workers, SLICE_LIMITS);
    return Math.max(1, Math.min(Math.max(share, this.#estimate.least(workers)), most));
  }

  /**
   * Submits one platform job per slice, for the first slices that fit in one request; at the start
   * of a long list, for a few slices.
   */
  submit(slices: readonly TaskBatch[][]): Promise<ComputePart[] | Refusal> {
    const isFirst = !this.#estimate.isKnown && this.#probeEnd === 0;
    const tasks = slices[0]!.reduce((sum, { count }) => sum + count, 0);
    if (!isFirst || tasks < PROBE.tasks || this.#context.chunk !== undefined) {
      return this.#submitter.submit(slices);
    }
    this.#probeEnd = performance.now() + PROBE.ms;
    return this.#submitter.submit(slices.slice(0, PROBE.slices));
  }

  /**
   * Asks which platform jobs have ended. When no job has ended, checks the build of the function.
   */
  async poll(parts: ReadonlySet<ComputePart>): Promise<boolean> {
    const ended = await this.#patiently(() => this.#states.update(parts));
    if (ended.length === 0) await this.#patiently(() => this.#submitter.checkBuild());
    this.#hasSucceeded ||= ended.some((part) => part.ended?.job?.status === "success");
    // A result or a log that is missing may arrive soon.
    return parts.values().some(({ ended }) => ended !== undefined);
  }

  /** Yields the events of finished platform jobs. */
  collect(parts: ReadonlySet<ComputePart>): AsyncGenerator<EventBatch> {
    return this.#outputs.collect(parts);
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
    this.#submitter.isOneByOne ||= part.isGuess && part.inFlight.count > 0;
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
    const records = await this.#submissions.readAll();
    await this.#patiently(() => cancelSubmissions(this.#platform, records, ["pending"]));
    this.#isStopped = true;
  }

  /** Cancels all platform jobs of the job, and marks the job as canceled. */
  async cancel(): Promise<void> {
    await this.#submissions.markCanceled();
    const records = await this.#submissions.readAll();
    const canceled = records.map((record) => cancelSubmissions(this.#platform, [record]));
    for (const outcome of await Promise.allSettled(canceled)) {
      if (outcome.status === "rejected") this.#warnLeft(outcome.reason);
    }
  }

  /** Removes the job's platform jobs with their results, and the records of the submissions. */
  async release(): Promise<void> {
    try {
      const records = await this.#submissions.readAll();
      await eachFilter(records, (filter) => this.#platform.deleteJobs(filter));
      const functions = new Set(records.map(({ function: { id } }) => id));
      if (this.#settings.deleteFunction) {
        for (const id of functions) await this.#platform.deleteUnused(id);
      }
      await Deno.remove(this.#submissions.folder, { recursive: true });
    } catch (error) {
      this.#warnLeft(error as Error);
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
    const isOwnEnd = this.#isStopped || part.isCanceled || job.status !== "failure";
    if (isOwnEnd || part.hasStarted) return "succeeded";
    return this.#hasSucceeded || part.log?.text === undefined ? "unknown" : "failed";
  }

  /** Returns true when a failed platform job has restarts left and was not canceled. */
  #mayRerun({ ended, isCanceled, reruns }: ComputePart): boolean {
    return ended?.job?.status === "failure" && !this.#isStopped && !isCanceled &&
      reruns < MAX_RERUNS;
  }
}
