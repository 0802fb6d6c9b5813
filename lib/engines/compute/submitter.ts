/**
 * Submits slices to the platform, and creates the function that runs their tasks.
 *
 * @module
 */

import { jobIdOf } from "../../job_dir/layout.ts";
import type { TaskBatch } from "../../tasks/batch.ts";
import { backoffMs } from "../../util/time/backoff.ts";
import { delay } from "../../util/time/delay.ts";
import { UsageError } from "../../util/errors.ts";
import type { BackendContext, Refusal } from "../batch/backend.ts";
import type { Submissions } from "../batch/submissions.ts";
import { taskRanges } from "../shared/task_ranges.ts";
import { ComputePart } from "./compute_part.ts";
import { checkBuild, deploy, type DeployedFunction, type Deployment } from "./deploy.ts";
import { isPassing, reached, statusOf, unreached } from "./http.ts";
import type { ComputeSettings } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { JobsRequest } from "./records.ts";
import { callsOf } from "./slice_calls.ts";
import { findIds, idsByIndex, type ListedJobs, type SliceJobs } from "./slice_jobs.ts";
import { cancelSubmissions, placeOf, type SubmissionRecord, submittedJobs } from "./submission.ts";

// The number of searches for jobs that a list does not show yet, which take about a minute.
const MAX_LOOKS = 9;
const MAX_ONE_BY_ONE = 20;
// The most requests in a row for jobs of a function that is not there, which take about 15 seconds.
const MAX_MISSING = 7, MISSING_BACKOFF = { firstMs: 250, maxMs: 15_000 };
// The longest wait for the answer to a request that was given up, in milliseconds.
const LAST_ANSWER_MS = 10_000;

/** The dependencies of a {@linkcode Submitter}. */
export interface SubmitterOptions {
  /** The context of the job's backend. */
  readonly context: BackendContext;
  /** The option `compute` of the job. */
  readonly settings: ComputeSettings;
  /** The connection to the platform. */
  readonly platform: Platform;
  /** The function to find or create. */
  readonly deployment: Deployment;
  /** The records of the job's submissions. */
  readonly submissions: Submissions<SubmissionRecord>;
}

/** Submits slices as platform jobs, and creates the function that the jobs call. */
export class Submitter {
  /** True to submit each slice by itself, which makes it certain which job has which slice. */
  isOneByOne = false;
  #options: SubmitterOptions;
  #function: DeployedFunction | undefined;
  /** The number of requests in a row for jobs of a function that the platform does not have. */
  #missing = 0;

  /** Creates the submitter of one job. */
  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Submits one platform job per slice, for the first slices. */
  async submit(slices: readonly TaskBatch[][]): Promise<ComputePart[] | Refusal> {
    if (!this.isOneByOne) return await this.#submit(slices);
    const parts: ComputePart[] = [];
    for (const slice of slices.slice(0, MAX_ONE_BY_ONE)) {
      const answer = await this.#submit([slice]);
      if ("kind" in answer) return parts.length > 0 ? parts : answer;
      parts.push(...answer);
    }
    return parts;
  }

  async #submit(slices: readonly TaskBatch[][]): Promise<ComputePart[] | Refusal> {
    const { submissions } = this.#options;
    const { id, namespace } = this.#function ??= await this.#deploy();
    const calls = await callsOf(slices, this.#options);
    const record = {
      function: { id, namespace },
      reference: crypto.randomUUID(),
      slices: slices.slice(0, calls.length).map((slice) => slice.flatMap(taskRanges)),
    };
    const path = submissions.next();
    submissions.write(path, record);
    const sent = await this.#send(path, record, calls);
    if (!sent) return { kind: "changed", message: "the platform's answer was lost" };
    submissions.write(path, { ...record, ...sent });
    return sent.jobs.map((job, index) =>
      new ComputePart(job, record.function, placeOf(path, index), sent)
    );
  }

  /**
   * Updates the status of the function while the platform builds it.
   *
   * @throws {UsageError} when the platform could not build the function.
   */
  async checkBuild(): Promise<void> {
    if (this.#function?.status !== "building") return;
    const status = await checkBuild(this.#options.platform, this.#function.id);
    if (status) this.#function = { ...this.#function, status };
  }

  async #deploy(): Promise<DeployedFunction> {
    const { context, platform, deployment } = this.#options;
    // A platform that asks to come back later does not hold up the end of a run.
    const made = await reached(context.patiently(() => deploy(platform, deployment), () => false));
    if (made.status === "building") {
      context.warn(
        "The platform is building the function, which takes some minutes; later jobs with the same " +
          "code start at once",
      );
    }
    return made;
  }

  /** Requests platform jobs, and returns their ids, or `undefined` when they must be requested again. */
  async #send(
    path: string,
    record: SubmissionRecord,
    calls: readonly unknown[][],
  ): Promise<SliceJobs | undefined> {
    const { platform, context, submissions } = this.#options;
    const request = this.#requestOf(record, calls);
    let sending: Promise<ListedJobs> | undefined;
    try {
      const ask = () => sending = this.#ask(request);
      const jobs = await this.#slicesOf(path, record, await context.patiently(ask, isPassing));
      if (!jobs) await this.#abandon(path, record, sending);
      this.#missing = 0;
      return jobs;
    } catch (error) {
      if (statusOf(error) === 404 && ++this.#missing < MAX_MISSING) {
        this.#function = undefined;
        await submissions.forget(path);
        // A list may still show a function that was removed a moment ago.
        await delay(backoffMs(this.#missing, MISSING_BACKOFF), [context.signal]);
        return undefined;
      }
      await this.#abandon(path, record, sending);
      if (error instanceof UsageError) await checkBuild(platform, record.function.id);
      throw unreached(error);
    }
  }

  #requestOf(
    { function: { id }, reference }: SubmissionRecord,
    calls: readonly unknown[][],
  ): JobsRequest {
    const { context: { env, folder }, settings } = this.#options;
    return {
      function_id: id,
      bulk_args: calls,
      bulk_kwargs: null,
      bulk_environments: Object.keys(env).length > 0 ? calls.map(() => env) : null,
      reference_id: reference,
      tags: ["dl_jobs", jobIdOf(folder), reference, ...settings.tags],
    };
  }

  async #ask(request: JobsRequest): Promise<ListedJobs> {
    const { platform } = this.#options, count = request.bulk_args.length;
    try {
      return { rows: await platform.submit(request), count, isInOrder: true };
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      // An earlier try has created the jobs, but its answer was lost.
      return { rows: await this.#created(request), count, isInOrder: false };
    }
  }

  /** Finds the jobs that a request has created; a list may show new jobs some time later. */
  async #created({ reference_id, bulk_args }: JobsRequest): Promise<ListedJobs["rows"]> {
    const { platform, context: { signal } } = this.#options;
    for (let tries = 1;; tries++) {
      const rows = await submittedJobs(platform, { reference: reference_id });
      if (rows.length >= bulk_args.length || tries > MAX_LOOKS || signal.aborted) return rows;
      await delay(backoffMs(tries, { firstMs: 250, maxMs: 15_000 }), [signal]);
    }
  }

  /**
   * Finds the job of each slice. Records the ids first when that needs more requests.
   *
   * @returns `undefined` when the platform does not tell which job is which.
   */
  async #slicesOf(
    path: string,
    record: SubmissionRecord,
    listed: ListedJobs,
  ): Promise<SliceJobs | undefined> {
    const { platform, submissions, context } = this.#options;
    const ids = listed.rows.map(({ id }) => id);
    if (!idsByIndex(listed)) submissions.write(path, { ...record, ids });
    const found = await context.patiently(() => findIds(platform, listed), isPassing);
    if (!found && !listed.isInOrder) return undefined;
    const missing = found ? found.jobs.indexOf("") : 0;
    if (missing < 0) return found;
    throw new UsageError(
      `Cannot run on the platform: it did not name job ${missing} of ${listed.count}, ` +
        "run dl_jobs resume",
    );
  }

  /** Cancels the jobs of a request that failed, so that none of them runs unattended. */
  async #abandon(
    path: string,
    record: SubmissionRecord,
    sending: Promise<ListedJobs> | undefined,
  ): Promise<void> {
    const { platform, submissions, context } = this.#options;
    // A request that was given up may still reach the platform.
    const end = new AbortController();
    const sent = sending?.catch(() => undefined);
    const listed = await Promise.race([sent, delay(LAST_ANSWER_MS, [end.signal])]);
    end.abort();
    submissions.write(path, { ...record, isCanceled: true });
    const known = { ...record, ids: listed?.rows.map(({ id }) => id) ?? [] };
    // The list of the reference may not have the jobs yet, and the answer may omit some.
    const canceled = [known, record].map((one) => cancelSubmissions(platform, [one]));
    await Promise.all(canceled).catch((error) =>
      context.warn(
        `Warning: platform jobs with the tag ${record.reference} were not canceled: ` +
          error.message,
      )
    );
  }
}
