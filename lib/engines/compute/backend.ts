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
import type { Submissions } from "../batch/submissions.ts";
import type { ComputePart } from "./compute_part.ts";
import { type Deployment, prepare } from "./deploy.ts";
import { isPassing, reached } from "./http.ts";
import { type ComputeSettings, parseComputeOptions } from "./options.ts";
import { isOneOf, Platform } from "./platform.ts";
import { SliceEstimate } from "./slice_estimate.ts";
import { PlatformStates } from "./states.ts";
import {
  findAssignments,
  jobTag,
  openJobs,
  type SubmissionRecord,
  submissionsOf,
  taggedJobs,
} from "./submission.ts";
import { MAX_REQUEST, Submitter } from "./submitter.ts";

const WINDOW = { tasks: 400_000, bytes: 128 * 1024 * 1024 };
// The most bytes of arguments in one platform job, before compression.
const SLICE_BYTES = 128 * 1024;
// The most restarts of a failed platform job before its tasks are charged.
const MAX_RERUNS = 2;
const READ_AT_ONCE = 8;

/** The output of a finished platform job. */
interface JobOutput {
  readonly log: string;
  /** The result archive; `undefined` when the platform job did not succeed. */
  readonly archive: Uint8Array | undefined;
}

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
  #estimate = new SliceEstimate();
  #isStopped = false;

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
    this.pollPace = { leastMs: settings.pollMs, mostMs: 60_000, growth: 1.5 };
  }

  /**
   * Reads the credentials, and packs the function of the job.
   *
   * @throws {UsageError} when credentials are missing or incomplete, or an option is invalid.
   */
  static async open(context: BackendContext): Promise<ComputeBackend> {
    const settings = parseComputeOptions(context);
    const platform = await Platform.open(context.warn);
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
    return ended.length > 0;
  }

  /** Yields the events of finished platform jobs. */
  async *collect(parts: ReadonlySet<ComputePart>): AsyncGenerator<EventBatch> {
    const ended = [...parts].filter(({ ended }) => ended !== undefined);
    for (let at = 0; at < ended.length; at += READ_AT_ONCE) {
      const some = ended.slice(at, at + READ_AT_ONCE);
      const outputs = await this.#patiently(() =>
        Promise.all(some.map((part) => this.#fetch(part)))
      );
      for (const [index, part] of some.entries()) yield* this.#read(part, outputs[index]!);
    }
  }

  /**
   * Decides whether a platform job is over. A failed job is restarted up to twice. If it still
   * fails, its slice is split to find the failing task.
   */
  judge(part: ComputePart): Judgement {
    if (!part.ended) return { type: "running" };
    const { job } = part.ended;
    const isOwnEnd = this.#isStopped || part.isCanceled || job?.status !== "failure";
    const start = !job ? "unknown" : isOwnEnd || part.hasStarted ? "succeeded" : "failed";
    if (this.#mayRerun(part)) return { type: "rerun", start };
    // No task is charged for a platform job that was canceled before its start.
    part.isCanceled ||= this.#isStopped && job?.status === "canceled";
    const running = this.#settings.workers * this.#context.concurrency;
    return { type: "over", start, leftover: part.takeLeftover(running) };
  }

  /** Asks the platform to restart a failed job. */
  async rerun(part: ComputePart): Promise<void> {
    await this.#patiently(() => this.#platform.rerunJobs([part.job]));
    part.reruns++;
    part.ended = undefined;
  }

  /** Cancels pending platform jobs. Running jobs cannot be notified, so they finish their tasks. */
  async stop(): Promise<void> {
    const waiting = [...taggedJobs(this.#context.folder), isOneOf("status", ["pending"])];
    await this.#patiently(() => this.#platform.cancelJobs(waiting));
    this.#isStopped = true;
  }

  /** Cancels all platform jobs of the job, and marks the job as canceled. */
  async cancel(): Promise<void> {
    const { folder } = this.#context;
    await this.#submissions.markCanceled();
    await this.#platform.cancelJobs(openJobs(folder)).catch((error) => this.#warnLeft(error));
  }

  /** Removes the job's platform jobs with their results, and the records of the submissions. */
  async release(): Promise<void> {
    try {
      if (this.#submissions.list().length > 0) {
        await this.#platform.deleteJobs(taggedJobs(this.#context.folder));
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
    const tag = jobTag(this.#context.folder);
    this.#context.warn(
      `Warning: platform jobs with the tag ${tag} were not removed: ${error.message}`,
    );
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    return this.#context.patiently(ask, isPassing);
  }

  async #fetch({ source, ended }: ComputePart): Promise<JobOutput> {
    const job = ended?.job;
    const [log, archive] = await Promise.all([
      job ? this.#platform.jobLog(job.id) : "",
      job?.status === "success" ? this.#platform.result(source, job.id) : undefined,
    ]);
    return { log, archive };
  }

  async *#read(part: ComputePart, { log, archive }: JobOutput): AsyncGenerator<EventBatch> {
    const logs = part.readLog(log);
    // The log of the next run also contains the log of this run.
    if (this.#mayRerun(part)) return;
    yield* logs;
    const before = part.inFlight.count;
    if (archive) yield* part.readArchive(archive);
    yield* part.takeSpans();
    if (part.end && "broken" in part.end) throw new UsageError(part.end.broken);
    this.#estimate.add(before - part.inFlight.count, archive?.length ?? 0, part.busyMs);
  }

  /** Returns true when a failed platform job has restarts left and was not canceled. */
  #mayRerun({ ended, isCanceled, reruns }: ComputePart): boolean {
    return ended?.job?.status === "failure" && !this.#isStopped && !isCanceled &&
      reruns < MAX_RERUNS;
  }
}
