/**
 * The class `Run`, a job that runs in this process.
 *
 * @module
 */

import { showRun } from "../job/report/format.ts";
import type { RunHooks } from "../job/options/options.ts";
import type { RunProgress } from "../job/report/run_progress.ts";
import type { Summary } from "../job/report/summary.ts";
import type { ResultSink } from "../job_dir/result_writer.ts";
import { escapeControls } from "../terminal/escape.ts";
import { onAbort } from "../util/on_abort.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import { assertNotStopped } from "./runs.ts";
import type { ValueReader } from "../values/value_reader.ts";

/**
 * A job that runs in this process. Await the run for its summary, or iterate over it for the
 * results as they become available. A slow loop slows down the job.
 *
 * A failed task does not reject the run. The summary counts the failure, and the errors file
 * contains the error.
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
   * @param start the function that runs the job and reports progress and results through the hooks.
   */
  constructor(start: (hooks: RunHooks) => Promise<Summary>) {
    const hooks = {
      resultSinks: this.#resultSinks,
      signal: this.#cancel.signal,
      progress: this.#progress,
    };
    this.#summary = this.#watch(startUnlessStopped(() => start(hooks)));
  }

  /** The run's record, folder and counts. Each is `undefined` until it is known. */
  get progress(): Readonly<RunProgress> {
    return this.#progress;
  }

  /** True when the run has ended, with a summary or a failure. */
  get hasEnded(): boolean {
    return this.#end.summary !== undefined || this.hasFailed;
  }

  /** True when the job could not run at all. Failed tasks do not count. */
  get hasFailed(): boolean {
    return this.#end.failure !== undefined;
  }

  /** @ignore */
  [INSPECT](): string {
    const ms = Date.now() - this.#started;
    return escapeControls(showRun({ progress: this.#progress, ms, ...this.#end }));
  }

  /**
   * Cancels the run. Starts no more tasks and ends the running tasks. Recorded results are kept.
   * `resume` runs the remaining tasks.
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
   * Waits for the run to end. `await run` calls this method.
   *
   * @returns a promise that resolves to the summary, or rejects when the job could not run.
   */
  then<A = Summary, B = never>(
    fulfilled?: ((summary: Summary) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#summary.then(fulfilled, rejected);
  }

  /**
   * Handles the failure of a job that could not run, as `catch` of a promise does. Failed tasks do not
   * count.
   *
   * @returns a promise that resolves to the summary, or to what `rejected` returns.
   */
  catch<B = never>(
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<Summary | B> {
    return this.#summary.catch(rejected);
  }

  /**
   * Calls a function when the run has ended, as `finally` of a promise does.
   *
   * @returns a promise with the outcome of the run.
   */
  finally(ended?: (() => void) | null): Promise<Summary> {
    return this.#summary.finally(ended);
  }

  /**
   * Iterates over the results. Breaking out of the loop does not end the job. A loop that starts
   * after the first result waits for the job to end, then reads all results from the journal. The
   * results of a job that was resumed or retried include those of its earlier runs, which come first;
   * with the option `ordered`, all of them come at the end.
   *
   * @returns the results of the tasks that succeeded.
   * @throws {UsageError} when the job could not run.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Result> {
    if (this.#hasResults) return yield* this.#recorded();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    // Writes fail once the caller has left the loop. The job must not fail because of them.
    const write = (lines: Uint8Array) => writer.write(lines.slice()).catch(() => {});
    const sink: ResultSink = { write: (lines) => this.#unlessCanceled(write(lines)) };
    this.#resultSinks.push(sink);
    let values: ValueReader | undefined;
    this.#summary.then(() => writer.close(), (error) => writer.abort(error)).catch(() => {});
    try {
      for await (const lines of readable) {
        if (!values) {
          // Earlier results may belong between new ones.
          if (this.#hasEarlier && this.#progress.record!.options.ordered) break;
          values = await this.#reader();
          yield* this.#earlier();
        }
        yield* parseLines<Result>(lines, values.parserOf(lines));
      }
      if (!values && this.#hasEarlier) yield* this.#recorded();
    } finally {
      values?.[Symbol.dispose]();
      this.#resultSinks.splice(this.#resultSinks.indexOf(sink), 1);
    }
  }

  /**
   * Waits for a loop to take results, until the run is canceled: a loop that cancels its run may
   * await it then.
   */
  async #unlessCanceled(taken: Promise<void>): Promise<void> {
    const { signal } = this.#cancel, { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return;
    // A race with one promise of the run would keep something of each write until its end.
    using _listener = onAbort(signal, resolve);
    taken.then(resolve);
    await promise;
  }

  /** Returns the reader of the results, whose modules most runs do not need. */
  async #reader(): Promise<ValueReader> {
    const { resultReader } = await import("../job_dir/result_reader.ts");
    return resultReader(this.#progress.record?.options);
  }

  /** True when earlier runs of the job have recorded results, and no reduce replaces these. */
  get #hasEarlier(): boolean {
    const { record, earlier = 0 } = this.#progress;
    return earlier > 0 && record?.reduce === undefined;
  }

  /** Yields the results of earlier runs, which are the first ones in the journal. */
  async *#earlier(): AsyncGenerator<Result> {
    if (!this.#hasEarlier) return;
    const { followResults } = await import("../job_dir/follow_results.ts");
    let left = this.#progress.earlier!;
    for await (const result of followResults<Result>(this.#progress.folder!)) {
      yield result;
      if (--left === 0) return;
    }
  }

  /** Waits for the job to end, and yields its results from the journal. */
  async *#recorded(): AsyncGenerator<Result> {
    const { paths: { folder } } = await this.#summary;
    // Most runs do not read a journal, and start sooner without the modules that do.
    const { followResults } = await import("../job_dir/follow_results.ts");
    yield* followResults<Result>(folder);
  }
}

async function startUnlessStopped(start: () => Promise<Summary>): Promise<Summary> {
  assertNotStopped();
  return await start();
}

function* parseLines<T>(lines: Uint8Array, parse: (line: string) => unknown): Generator<T> {
  const text = new TextDecoder().decode(lines);
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    yield parse(text.slice(start, end)) as T;
    start = end + 1;
  }
}
