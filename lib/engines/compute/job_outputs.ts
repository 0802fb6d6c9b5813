/**
 * The outputs of platform jobs that have ended: their results, then their logs.
 *
 * @module
 */

import type { EventBatch } from "../../journal/format.ts";
import { UsageError } from "../../util/errors.ts";
import type { BackendContext } from "../batch/backend.ts";
import type { SliceEstimate } from "../batch/slice_estimate.ts";
import type { ComputePart } from "./compute_part.ts";
import { isPassing, statusOf } from "./http.ts";
import { JobLogs, waitBriefly } from "./job_log.ts";
import type { Platform } from "./platform.ts";
import { ResultWait } from "./result_wait.ts";
import { writeTaskFile } from "../shared/task_files.ts";

const READ_AT_ONCE = 8;

/** The dependencies of {@linkcode JobOutputs}. */
export interface JobOutputsOptions {
  /** The platform that stores the results and logs. */
  readonly platform: Platform;
  /** The context of the job's backend. */
  readonly context: BackendContext;
  /** The time for which a missing result is requested again, in milliseconds. */
  readonly resultWaitMs: number;
  /** Receives the durations of the tasks and the sizes of the results. */
  readonly estimate: SliceEstimate;
  /** Returns true when the platform job of a part will run again. */
  readonly mayRerun: (part: ComputePart) => boolean;
}

/** Reads the outputs of platform jobs. */
export class JobOutputs {
  #options: JobOutputsOptions;
  #logs: JobLogs;

  /** Creates a reader of the platform jobs of one job. */
  constructor(options: JobOutputsOptions) {
    this.#options = options;
    const { platform, context: { warn, signal } } = options;
    this.#logs = new JobLogs(platform, warn, signal);
  }

  /** Yields the new events of the parts whose platform jobs have ended. */
  async *collect(parts: ReadonlySet<ComputePart>): AsyncGenerator<EventBatch> {
    const ended = [...parts].filter(({ ended }) => ended !== undefined);
    for (const part of ended) part.log ??= this.#logs.read(part.ended!.job?.id);
    const due = ended.filter((part) => !part.isSettled && this.#waitOf(part).isDue);
    for (let at = 0; at < due.length; at += READ_AT_ONCE) {
      const some = due.slice(at, at + READ_AT_ONCE);
      const archives = await Promise.all(some.map((part) => this.#result(part)));
      for (const [index, part] of some.entries()) yield* this.#readResult(part, archives[index]);
    }
    await waitBriefly(ended.map(({ log }) => log!), this.#options.context.signal);
    for (const part of ended) yield* this.#readLog(part);
  }

  #waitOf(part: ComputePart): ResultWait {
    return part.wait ??= new ResultWait(this.#options.resultWaitMs);
  }

  /**
   * Requests the result of a platform job that may have one. A job that is gone may have one, too.
   *
   * @returns the result, or the error of a refusal; `undefined` without a result.
   */
  async #result(part: ComputePart): Promise<Uint8Array | Error | undefined> {
    const { platform, context } = this.#options, { job } = part.ended!;
    if (job && job.status !== "success") return undefined;
    try {
      return await context.patiently(() => platform.result(part.source, part.job), isPassing);
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      // The address of a result is valid for a limited time, so another address may work.
      return error as Error;
    }
  }

  async *#readResult(
    part: ComputePart,
    archive: Uint8Array | Error | undefined,
  ): AsyncGenerator<EventBatch> {
    if (archive instanceof Uint8Array) yield* this.#readArchive(part, archive);
    if (part.end && "broken" in part.end) throw new UsageError(part.end.broken);
    const isExpected = part.ended!.job?.status === "success";
    part.isSettled = part.end !== undefined || !isExpected || this.#waitOf(part).missed();
    // The result exists, so its tasks need not run again.
    if (part.isSettled && isExpected && archive instanceof Error) throw archive;
  }

  /** Yields the events of an archive up to its damage; the archive is then requested again. */
  async *#readArchive(part: ComputePart, archive: Uint8Array): AsyncGenerator<EventBatch> {
    const { files, warn } = this.#options.context;
    try {
      yield* part.readArchive(archive, (file) => writeTaskFile(files, file));
    } catch (error) {
      const { message } = error as Error;
      warn(`Warning: the result of a platform job is damaged and requested again: ${message}`);
    }
  }

  *#readLog(part: ComputePart): Generator<EventBatch> {
    if (part.isLogRead || !part.log?.isOver) return;
    part.isLogRead = true;
    const logs = part.readLog(part.log.text ?? "");
    // The log of the next run also contains the log of this run.
    if (this.#options.mayRerun(part)) return;
    yield* logs;
    yield* part.takeSpans();
    const answered = part.assigned - part.inFlight.count;
    this.#options.estimate.add(answered, part.busyMs, part.archiveBytes);
  }
}
