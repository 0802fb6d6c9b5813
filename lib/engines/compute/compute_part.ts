/**
 * The controller's view of a platform job and its slice, based on the job's log, its result
 * archive, and the platform's reports.
 *
 * @module
 */

import type { EventBatch, LogLine, Span, TaskError } from "../../journal/format.ts";
import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import type { Leftover } from "../batch/backend.ts";
import type { FarSideSettings } from "../shared/far_side_settings.ts";
import { Part } from "../batch/part.ts";
import { onlySpan } from "../shared/busy_spans.ts";
import { encodeLines } from "../shared/event_lines.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import type { JobLog } from "./job_log.ts";
import { tryJson } from "../../util/try_json.ts";
import type { PlatformJob, ResultSource } from "./records.ts";
import { openArchive } from "./result_archive.ts";
import type { ResultWait } from "./result_wait.ts";
import { parseFilePart, type TaskFile } from "../shared/task_files.ts";

/** The settings that a platform job receives with its slice. */
export interface SliceSettings extends FarSideSettings {
  /** The time limit of the platform job, in seconds. */
  readonly seconds: number;
  /** The folders whose files are in the zip, for functions in Python. @default {[]} */
  readonly roots?: readonly string[] | undefined;
}

/** A line that the far side prints during its run; the platform stores these lines as the job's log. */
export type SliceLine = { readonly begun: string } | { readonly span: Span } | LogLine;

/** The last line of a result archive, which reports how the run of the slice ended. */
export type SliceEnd =
  | { readonly ended: string }
  /** The platform job reached its time limit. */
  | { readonly terminated: string }
  /** The next events, or the files of their tasks, did not fit into the archive. */
  | { readonly full: string }
  /** The function cannot be called. */
  | { readonly broken: string };

/** The facts about a platform job that are known when its part is created. */
export interface PartOptions {
  /** True when a controller or a user canceled the job. @default {false} */
  readonly isCanceled?: boolean | undefined;
  /** True when the job may have another slice of its request. @default {false} */
  readonly isGuess?: boolean | undefined;
}

/** A platform job with its slice of the tasks. */
export class ComputePart extends Part {
  /**
   * The platform's report of the end; `job` is `undefined` when the platform no longer has the job.
   */
  ended: { readonly job: PlatformJob | undefined } | undefined;
  /** The log of the job; `undefined` before the end of the job. */
  log: JobLog | undefined;
  /** True when the log has been read as far as possible. */
  isLogRead = false;
  /** The wait for a result that is missing; `undefined` before the first request. */
  wait: ResultWait | undefined;
  /** True when the result has been read, or will not arrive. */
  isSettled = false;
  /** The far side's report of its end; `undefined` without a report. */
  end: SliceEnd | undefined;
  /** The number of restarts that the controller has requested. */
  reruns = 0;
  /** The total time that the workers were busy, in milliseconds. */
  busyMs = 0;
  /** The size of the result archive, in bytes. */
  archiveBytes = 0;
  /** True when a controller or a user canceled the job. */
  isCanceled: boolean;
  /** True while it is unknown whether the job has this slice or another one of its request. */
  isGuess: boolean;
  /** The last five lines of the log. */
  logEnd = "";
  #spans: Span[] = [];
  #reader = new ResponseReader<SliceLine | SliceEnd>(this.inFlight, (line) => this.#note(line));

  /**
   * Creates the part of a slice.
   *
   * @param job the platform's id of the job
   * @param source the platform's function that the job calls, under which its result is stored
   * @param place the job's local name, such as `3_0`: the submission's number and an index
   * @param options the facts that are known about the job
   */
  constructor(
    readonly job: string,
    readonly source: ResultSource,
    readonly place: string,
    { isCanceled = false, isGuess = false }: PartOptions = {},
  ) {
    super();
    this.isCanceled = isCanceled;
    this.isGuess = isGuess;
  }

  /** Prepares the part for another run of its job. */
  restart(): void {
    this.reruns++;
    this.ended = this.log = this.wait = undefined;
    this.isLogRead = this.isSettled = false;
  }

  /** Returns the events in the job's log; output of other programs becomes log lines. */
  readLog(log: string): EventBatch[] {
    // The platform keeps one log for all runs of a job, so the log repeats earlier spans.
    this.#spans = [];
    this.logEnd = log.trim().split("\n").slice(-5).join("\n");
    const lines = log.split("\n").filter((line) => line !== "").map(ownLine);
    return this.#reader.events(encodeLines(lines));
  }

  /** Returns the spans of the log; the prefix keeps worker names unique across parts. */
  takeSpans(): EventBatch[] {
    const spans = this.#spans.splice(0);
    this.busyMs += spans.reduce((sum, { from, to }) => sum + to - from, 0);
    return spans.flatMap((span) => onlySpan({ ...span, worker: `${this.place}.${span.worker}` }));
  }

  /**
   * Yields the events in a result archive. Each batch is valid until the caller requests the next
   * batch.
   *
   * @param onFile receives the files of tasks, before the events of these tasks
   */
  async *readArchive(
    archive: Uint8Array,
    onFile: (file: TaskFile) => void,
  ): AsyncGenerator<EventBatch> {
    this.archiveBytes = archive.length;
    for await (const part of openArchive(archive)) {
      const file = parseFilePart(part);
      if (file) onFile(file);
      else yield* this.#reader.events(part);
      // The response to one of its tasks proves that the job has this slice.
      if (this.inFlight.count < this.assigned) this.isGuess = false;
    }
  }

  /**
   * Removes the tasks without a response. A task that is known as the cause fails. The other tasks
   * run again in two slices. Repeated splits isolate a task that crashes its platform job.
   *
   * @param running the number of tasks that run at the same time
   */
  takeLeftover(running: number): Leftover {
    // Another slice may be to blame.
    if (this.isGuess) return { failures: [], slices: slicesOf(this.takeRest([], LATE).rest) };
    const { count } = this.inFlight, isLate = this.end && "terminated" in this.end;
    const charged = isLate ? this.inFlight.running(running) : [];
    // Without any new response, the same slice would end in the same way again.
    const isGood = this.end && (charged.length > 0 || count < this.assigned);
    if (isGood || this.isCanceled) {
      const { failures, rest } = this.takeRest(charged, LATE);
      return { failures, slices: slicesOf(rest) };
    }
    const error = this.#error(), isFull = this.end && "full" in this.end;
    const isBlamed = count === 1 || (error.class === "lost" && !isFull);
    const { failures, rest } = this.takeRest(isBlamed ? this.inFlight.running(count) : [], error);
    const half = Math.ceil(rest.length / 2);
    return { failures, slices: slicesOf(rest.slice(0, half), rest.slice(half)) };
  }

  #error(): TaskError {
    const job = this.ended?.job;
    const { status = "gone", error_reason: reason, exit_code: code } = job ?? {};
    const how = status === "success"
      ? "succeeded, but its result is gone"
      : `ended with status ${status}`;
    const why = reason ? `: ${reason}` : "";
    const exit = code ? ` (exit code ${code})` : "";
    const message = `its platform job ${this.job} ${how}${why}${exit}`;
    return { message, type: "PlatformJobEnded", class: classOf(job) };
  }

  #note(line: SliceLine | SliceEnd): void {
    if ("begun" in line) this.hasStarted = true;
    else if ("span" in line) this.#spans.push(line.span);
    else this.end = line as SliceEnd;
  }
}

const LATE: TaskError = {
  message: "it did not finish within the time limit of its platform job, set more with " +
    "--compute timeout=SECONDS or fewer tasks with --chunk",
  type: "Timeout",
  class: "timeout",
};

// A shell's exit code for a program that was killed by SIGKILL.
const KILLED = 137;

function classOf(job: PlatformJob | undefined): TaskError["class"] {
  if (!job || job.status === "success" || job.status === "canceled") return "lost";
  if (job.status === "timeout") return "timeout";
  return job.exit_code === KILLED || /memory/i.test(job.error_reason ?? "") ? "oom" : "crash";
}

function slicesOf(...lists: readonly (readonly Task[])[]): TaskBatch[][] {
  return lists.map(joinTasks).filter((slice) => slice.length > 0);
}

/** Returns a line of the far side unchanged, and any other text as a log line. */
function ownLine(line: string): string {
  const { log: text = line } = Object(tryJson(line));
  const stray: LogLine = { id: -1, attempt: 1, stream: "stderr", text: `${text}\n` };
  return JSON.stringify(farSideLine(Object(tryJson(String(text)))) ?? stray);
}

/** Returns the known fields of a far-side line; `undefined` for other JSON. */
function farSideLine(
  { begun, span, id, attempt, stream, text, note, fields, time }: Readonly<Record<string, unknown>>,
): object | undefined {
  if (typeof begun === "string") return { begun };
  if (typeof Object(span).from === "number") return { span };
  const isText = Number.isInteger(id) && typeof text === "string";
  return isText && /^(stdout|stderr|log)$/.test(String(stream))
    ? { id, attempt, stream, text, note, fields, time }
    : undefined;
}
