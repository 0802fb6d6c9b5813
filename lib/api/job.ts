/**
 * A job: one function over a list of arguments, and its runs.
 *
 * @module
 */

import { isJob, JOB_BRAND } from "../job/run_method.ts";
import { INSPECT, showJob, showRun } from "../job/format.ts";
import type { JobOptions, RunHooks, RunOptions } from "../job/options.ts";
import { shortName } from "../job/job_name.ts";
import type { RunProgress } from "../job/run_progress.ts";
import { start } from "../job/start.ts";
import type { Summary } from "../job/summary.ts";
import { followResults } from "../job_dir/follow_results.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { UsageError } from "../util/errors.ts";

/**
 * One function over a list of arguments.
 *
 * @example
 * ```ts
 * import { Job } from "./job.ts";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const job = new Job<number>({ fn: (x: number) => x * 2, argsList: [1, 2, 3], noisy: false });
 * const results = await Array.fromAsync(job.run());
 * Deno.chdir(cwd);
 * if (results.sort().join() !== "2,4,6") throw new Error(results.join());
 * ```
 */
export class Job<T = unknown> {
  /** @ignore */
  readonly [JOB_BRAND] = true;

  /** A job that is not started yet, from what it shall be. */
  constructor(readonly options: JobOptions) {
    if (!options.fn === !options.moduleName) {
      throw new UsageError("Cannot make a job: give either moduleName or fn");
    }
  }

  /** Whether a value is a job, of this copy of the library or of another. */
  static isJob(value: unknown): value is Job {
    return isJob(value);
  }

  /** What the job is called: its name, or its function's. */
  get name(): string {
    const { name, fn, moduleName = "", methodName } = this.options;
    if (name) return name;
    if (fn) return fn.name || "function";
    return methodName ? `${shortName(moduleName)}.${methodName}` : shortName(moduleName);
  }

  /** @ignore */
  [INSPECT](): string {
    return showJob(this.name, this.options);
  }

  /** Starts the job. Iterate over it for the results as they come, or await it for the counts. */
  run(options: RunOptions = {}): Run<T> {
    return new Run<T>((hooks) => start(this, options, hooks));
  }
}

/**
 * A job that runs. Await it for the counts; iterate over it for the results as they come, and a slow
 * reader slows the job down.
 */
export class Run<T = unknown> implements PromiseLike<Summary>, AsyncIterable<T> {
  #hasBegun = false;
  #resultSinks: ResultSink[] = [{ write: () => void (this.#hasBegun = true) }];
  #cancel = new AbortController();
  #sight: RunProgress = {};
  #started = Date.now();
  #end: { readonly summary?: Summary; readonly failure?: unknown } = {};
  #summary: Promise<Summary>;

  /** A run of what `start` starts. */
  constructor(start: (hooks: RunHooks) => Promise<Summary>) {
    const hooks = {
      resultSinks: this.#resultSinks,
      signal: this.#cancel.signal,
      progress: this.#sight,
    };
    this.#summary = this.#watch(start(hooks));
  }

  /** What is seen of the run now. */
  get sight(): Readonly<RunProgress> {
    return this.#sight;
  }

  /** Whether it has come to its end, a good one or a bad one. */
  get hasEnded(): boolean {
    return this.#end.summary !== undefined || this.hasFailed;
  }

  /** Whether it could not run at all. Tasks that fail are no such failure. */
  get hasFailed(): boolean {
    return this.#end.failure !== undefined;
  }

  /** @ignore */
  [INSPECT](): string {
    return showRun({ progress: this.#sight, ms: Date.now() - this.#started, ...this.#end });
  }

  /** Ends the run: nothing more is started, and what runs is ended. What is done is kept. */
  cancel(): void {
    this.#cancel.abort();
  }

  async #watch(running: Promise<Summary>): Promise<Summary> {
    try {
      const summary = await running;
      this.#end = { summary };
      return summary;
    } catch (failure) {
      this.#end = { failure };
      throw failure;
    }
  }

  /** The counts, when all is done. */
  then<A = Summary, B = never>(
    fulfilled?: ((summary: Summary) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#summary.then(fulfilled, rejected);
  }

  /**
   * What each task returned, as it comes. Leaving the loop does not end the job. A loop that starts
   * when results have come already gets all of them, when the job has ended.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    if (this.#hasBegun) return yield* followResults<T>((await this.#summary).paths.folder);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    // It fails when the loop has been left, and that is no failure of the job.
    const tap: ResultSink = { write: (lines) => writer.write(lines.slice()).catch(() => {}) };
    this.#resultSinks.push(tap);
    this.#summary.then(() => writer.close(), (error) => writer.abort(error)).catch(() => {});
    try {
      for await (const lines of readable) yield* parseLines<T>(lines);
    } finally {
      this.#resultSinks.splice(this.#resultSinks.indexOf(tap), 1);
    }
  }
}

function* parseLines<T>(lines: Uint8Array): Generator<T> {
  const text = new TextDecoder().decode(lines);
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    yield JSON.parse(text.slice(start, end)) as T;
    start = end + 1;
  }
}
