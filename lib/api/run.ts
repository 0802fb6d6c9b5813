/**
 * The class `Run`: a job while it runs in this process.
 *
 * @module
 */

import { INSPECT, showRun } from "../job/format.ts";
import type { RunHooks } from "../job/options.ts";
import type { RunProgress } from "../job/run_progress.ts";
import type { Summary } from "../job/summary.ts";
import { followResults } from "../job_dir/follow_results.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";

/**
 * A job that runs in this process. Await it for its summary. Iterate over it for the results, in the
 * order in which they are ready; a slow loop slows the job down.
 *
 * A task that fails does not reject the run: it is counted in the summary, and its error is in the
 * errors file.
 *
 * @example Use results while the job runs
 * ```ts
 * import { Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * const run = new Job({ fn: (x: number) => x * 2, argsList: 100, noisy: false }).run();
 * let sum = 0;
 * for await (const double of run) sum += double;
 * const { succeeded } = await run;
 * Deno.chdir(cwd);
 * if (sum !== 9900 || succeeded !== 100) throw new Error(String(sum));
 * ```
 *
 * @typeParam Result The type of a task's result.
 */
export class Run<Result = unknown> implements PromiseLike<Summary>, AsyncIterable<Result> {
  #hasResults = false;
  #resultSinks: ResultSink[] = [{ write: () => void (this.#hasResults = true) }];
  #cancel = new AbortController();
  #progress: RunProgress = {};
  #started = Date.now();
  #end: { readonly summary?: Summary; readonly failure?: unknown } = {};
  #summary: Promise<Summary>;

  /**
   * Creates a run and starts it.
   *
   * @param start The function that runs the job and reports through the hooks.
   */
  constructor(start: (hooks: RunHooks) => Promise<Summary>) {
    const hooks = {
      resultSinks: this.#resultSinks,
      signal: this.#cancel.signal,
      progress: this.#progress,
    };
    this.#summary = this.#watch(start(hooks));
  }

  /** The record, the folder and the counts of the run, as far as they are known now. */
  get progress(): Readonly<RunProgress> {
    return this.#progress;
  }

  /** True when the run is over, whether it has a summary or could not run. */
  get hasEnded(): boolean {
    return this.#end.summary !== undefined || this.hasFailed;
  }

  /** True when the job could not run at all. A failed task is not such a failure. */
  get hasFailed(): boolean {
    return this.#end.failure !== undefined;
  }

  /** @ignore */
  [INSPECT](): string {
    return showRun({ progress: this.#progress, ms: Date.now() - this.#started, ...this.#end });
  }

  /**
   * Ends the run: no more tasks are started, and running tasks are ended. Results that are recorded
   * are kept, and `resume` runs the rest.
   */
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

  /**
   * Waits for the end of the run, as `await run` does.
   *
   * @returns A promise of the summary. It rejects when the job could not run.
   */
  then<A = Summary, B = never>(
    fulfilled?: ((summary: Summary) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#summary.then(fulfilled, rejected);
  }

  /**
   * Iterates over the results. Leaving the loop does not end the job. A loop that starts after the
   * first result waits for the end of the job, and then gets all results from the journal.
   *
   * @returns The results of the tasks that succeed.
   * @throws {UsageError} When the job could not run.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Result> {
    if (this.#hasResults) return yield* followResults<Result>((await this.#summary).paths.folder);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    // A write fails after the loop was left, which is not a failure of the job.
    const sink: ResultSink = { write: (lines) => writer.write(lines.slice()).catch(() => {}) };
    this.#resultSinks.push(sink);
    this.#summary.then(() => writer.close(), (error) => writer.abort(error)).catch(() => {});
    try {
      for await (const lines of readable) yield* parseLines<Result>(lines);
    } finally {
      this.#resultSinks.splice(this.#resultSinks.indexOf(sink), 1);
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
