/**
 * Submits slices to the platform, and creates the function that runs their tasks.
 *
 * @module
 */

import type { Limits, TaskBatch } from "../../tasks/batch.ts";
import { concatBytes } from "../../util/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import type { BackendContext, Refusal } from "../batch/backend.ts";
import type { Submissions } from "../batch/submissions.ts";
import { taskRanges } from "../shared/task_ranges.ts";
import { ComputePart, type SliceSettings } from "./compute_part.ts";
import { checkBuild, deploy, type Deployment } from "./deploy.ts";
import { HttpError, isPassing, reached, unreached } from "./http.ts";
import type { ComputeSettings } from "./options.ts";
import type { Platform, PlatformFunction, PlatformJob } from "./platform.ts";
import { jobTag, placeOf, type SubmissionRecord } from "./submission.ts";

/** The limits of one request, in tasks, platform jobs and bytes. */
export const MAX_REQUEST = { tasks: 100_000, slices: 1000, bytes: 4 * 1024 * 1024 } as const;

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
  #options: SubmitterOptions;
  #function: PlatformFunction | undefined;

  /** Creates the submitter of one job. */
  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** Submits one platform job per slice, for the first slices that fit in one request. */
  async submit(slices: readonly TaskBatch[][]): Promise<ComputePart[] | Refusal> {
    const { submissions } = this.#options;
    const { id, namespace } = this.#function ??= await this.#deploy();
    const calls = await this.#calls(slices);
    const record = {
      function: { id, namespace },
      reference: crypto.randomUUID(),
      slices: slices.slice(0, calls.length).map((slice) => slice.flatMap(taskRanges)),
    };
    const path = submissions.next();
    await submissions.write(path, record);
    const jobs = await this.#send(record, calls);
    if (!jobs) {
      await submissions.forget(path);
      return { kind: "changed", message: "the function was removed" };
    }
    await submissions.write(path, { ...record, jobs });
    return jobs.map((job, index) => new ComputePart(job, record.function, placeOf(path, index)));
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

  async #deploy(): Promise<PlatformFunction> {
    const { context, platform, deployment } = this.#options;
    const made = await reached(deploy(platform, deployment));
    if (made.status === "building") {
      context.warn(
        "The platform is building the function, which takes some minutes; later jobs with the same " +
          "code start at once",
      );
    }
    return made;
  }

  /** Returns the arguments of platform jobs, for the first slices that fit in one request. */
  async #calls(slices: readonly TaskBatch[][]): Promise<unknown[][]> {
    const calls: unknown[][] = [];
    let room = MAX_REQUEST.bytes;
    for (const [index, slice] of slices.entries()) {
      const packed = await packed64(slice);
      room -= packed.length;
      if (room < 0 && index > 0) break;
      calls.push([index, this.#settingsOf(slice[0]!.limits), slice.flatMap(taskRanges), packed]);
    }
    return calls;
  }

  #settingsOf(limits: Limits | undefined): SliceSettings {
    const { concurrency, permissions, timeout, memory, values } = this.#options.context;
    const { workers, timeout: seconds } = this.#options.settings;
    return {
      concurrency,
      permissions,
      gpus: 0,
      workers,
      seconds,
      values,
      timeout: timeout || undefined,
      memory: memory || undefined,
      ...limits,
    };
  }

  /** Requests platform jobs, and returns their ids, or `undefined` when the function was removed. */
  async #send(
    { function: { id }, reference }: SubmissionRecord,
    calls: readonly unknown[][],
  ): Promise<string[] | undefined> {
    const { platform, context, settings } = this.#options, { env, folder } = context;
    const request = {
      function_id: id,
      bulk_args: calls,
      bulk_kwargs: null,
      bulk_environments: Object.keys(env).length > 0 ? calls.map(() => env) : null,
      reference_id: reference,
      tags: ["dl_jobs", jobTag(folder), reference, ...settings.tags],
    };
    try {
      const jobs = await context.patiently(() => platform.submit(request), isPassing);
      return calls.map((_, index) => idOf(jobs, index));
    } catch (error) {
      if (error instanceof UsageError) await checkBuild(platform, id);
      if (!(error instanceof HttpError) || error.status !== 404) throw unreached(error);
      this.#function = undefined;
      return undefined;
    }
  }
}

/** Finds the id of a slice's job; the platform may list the jobs in any order. */
function idOf(jobs: readonly PlatformJob[], index: number): string {
  const found = jobs[index]?.args[0] === index
    ? jobs[index]
    : jobs.find((job) => job.args[0] === index);
  if (found) return found.id;
  throw new UsageError(
    `Cannot run on the platform: it did not create job ${index} of ${jobs.length}, run dl_jobs resume`,
  );
}

/** Returns the arguments of tasks as gzip in Base64. */
async function packed64(slice: readonly TaskBatch[]): Promise<string> {
  const bytes = concatBytes(slice.map((batch) => batch.bytes));
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).toBase64();
}
