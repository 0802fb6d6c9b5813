/**
 * Records the events of an engine: first in the journal, then in the results, errors, logs, spans
 * and statistics.
 *
 * @module
 */

import { encodeLines } from "../../engines/shared/event_lines.ts";
import { errorLine } from "../../job_dir/error_line.ts";
import type { Successes } from "../../job_dir/event_lines.ts";
import { jobFiles } from "../../job_dir/layout.ts";
import { ResultWriter } from "../../job_dir/result_writer.ts";
import {
  type EventBatch,
  eventLine,
  type FailedAttempt,
  type FailedEvent,
  type LogLine,
  type Span,
} from "../../journal/format.ts";
import { limitedLine } from "../../journal/control_event.ts";
import { type TaskUpdate, updateLine } from "../../journal/task_update.ts";
import { PRIVATE_FILE } from "../../util/files/fs.ts";
import { LineFile } from "../../util/files/line_file.ts";
import { OutputFile } from "../../util/files/output_file.ts";
import type { ActiveRun } from "./active_run.ts";
import { keepsEarlier } from "./final_output.ts";
import { RunningProgress } from "./running_progress.ts";
import { addSetup } from "../report/setup_times.ts";
import { TaskStats } from "../report/task_stats.ts";
import { UsageStats } from "../report/usage_stats.ts";
import { ValueWarnings } from "../../worker/value_warnings.ts";

/** The last event of a task that failed, with the task's arguments. */
export interface FinalFailure {
  readonly event: FailedEvent;
  readonly args: Uint8Array;
}

// The maximum number of tasks to read ahead of the first missing result, with the option `ordered`.
// Their results wait in memory.
const ORDER_WINDOW = 100_000;

/** Records the events of one run. */
export class EventRecorder implements Disposable {
  /** The durations and the errors of the tasks that the engine ran. */
  readonly stats = new TaskStats();
  /** The memory and the CPU time of the tasks that took longer than 100 ms. */
  readonly usage = new UsageStats();
  /** The values that tasks received or returned in another form. */
  readonly valueWarnings = new ValueWarnings();
  /** The progress of the running tasks. */
  readonly progress = new RunningProgress();
  #run: ActiveRun;
  #results: ResultWriter;
  #logs: LineFile;
  #spans: LineFile;
  #moved = Promise.withResolvers<void>();

  /**
   * Creates the recorder of one run.
   *
   * @param run the run whose events are recorded
   * @param rebuilt the writer that rewrote the results of earlier runs, if any
   */
  constructor(run: ActiveRun, rebuilt?: ResultWriter) {
    this.#run = run;
    const { plan, plan: { folder, record: { options } } } = run, files = jobFiles(folder);
    this.#logs = new LineFile(files.logs, true, PRIVATE_FILE);
    this.#spans = new LineFile(files.spans, true, PRIVATE_FILE);
    const { groupedResults: grouped, ordered } = options;
    const { results, errors, outputSinks, resultSinks } = plan;
    this.#results = new ResultWriter({
      results,
      errors,
      grouped,
      ordered,
      readBack: (at, buffer) => run.journal.read(at, buffer),
      outputSinks,
      resultSinks,
    });
    if (rebuilt) this.#results.continueFrom(rebuilt);
  }

  /** The number of errors among the elements of returned lists. */
  get failedElements(): number {
    return this.#results.failedElements;
  }

  /** The number of failed tasks whose elements are invalid; `undefined` when there are none. */
  get invalid(): number | undefined {
    return this.#run.past.invalid + this.stats.invalid || undefined;
  }

  /**
   * Records one batch of events from the engine.
   *
   * @param retried the failures in the batch that will be retried
   * @param ended the failures in the batch that end their tasks
   */
  async record(
    batch: EventBatch,
    retried: readonly FailedAttempt[],
    ended: readonly FinalFailure[],
  ): Promise<void> {
    const { journal, plan } = this.#run;
    if (batch.updates) this.#recordUpdates(batch.updates);
    // The journal is written first, because a task never runs again once its success is in the
    // journal.
    const at = journal.append(batch.lines);
    if (retried.length > 0) journal.append(encodeLines(retried.map(retriedLine)));
    if (ended.length > 0) journal.append(encodeLines(ended.map(failedLine)));
    this.stats.add(batch.lines);
    this.progress.add(batch);
    this.#recordLogs(batch.logs);
    if (batch.span) this.#recordSpan(batch.span);
    // A result must reach the journal before a sink receives it, or a resumed job would send it
    // again.
    if (plan.outputSinks.length > 0) journal.flush();
    await this.#results.write({ ...batch, at });
    for (const one of ended) await this.#recordFailure(one);
    const again = retried.filter(({ event }) => event.error.class !== "limited");
    this.#count(batch.succeeded, ended.length, again.length);
  }

  /** Records results that are reused from earlier jobs. */
  async recordCached(found: Successes): Promise<void> {
    if (found.succeeded === 0) return;
    const at = this.#run.journal.append(found.lines);
    await this.#results.write({ ...found, at });
    this.#count(found.succeeded, 0, 0);
  }

  /**
   * Waits until more of the list may be read. With the option `ordered`, results wait in memory for
   * earlier results, so reading ahead is limited.
   *
   * @param last the id of the last task that was read
   */
  async waitForWindow(last: number): Promise<void> {
    while (last - this.#results.next > ORDER_WINDOW) await this.#moved.promise;
  }

  /** Waits until a number of tasks have ended, in this run and in earlier ones. */
  async untilEnded(count: number): Promise<void> {
    const { counts } = this.#run;
    while (counts.succeeded + counts.failed < count) await this.#moved.promise;
  }

  /** Starts to sync the journal, the results and the errors, and does not wait for the disk. */
  syncSoon(): void {
    const { journal, plan: { results, errors } } = this.#run;
    journal.syncSoon();
    results?.syncSoon();
    errors?.syncSoon();
  }

  /**
   * Completes all files, and syncs the journal, the results and the errors to disk.
   *
   * @param isDone true when all tasks have ended
   */
  async end(isDone: boolean): Promise<void> {
    const { journal, plan: { results, errors } } = this.#run;
    this.#results.flushWaiting();
    const isOwn = isDone && results instanceof OutputFile;
    if (isOwn && !keepsEarlier(this.#run, results.name)) results.finish();
    for (const file of [this.#logs, this.#spans]) file.flush();
    await Promise.all([journal.synced(), results?.sync(), errors?.sync()]);
  }

  [Symbol.dispose](): void {
    using stack = new DisposableStack();
    for (const file of this.#files) stack.use(file);
    stack.use(this.#run.journal);
  }

  get #files(): readonly LineFile[] {
    const { results, errors } = this.#run.plan;
    return [this.#logs, this.#spans, results, errors].filter((file) => file !== undefined);
  }

  #recordSpan(span: Span): void {
    this.#spans.write(encodeLines([JSON.stringify(span)]));
    const { setupMs } = span, run = this.#run;
    if (setupMs !== undefined) run.update({ setup: addSetup(run.record.setup, setupMs) });
  }

  async #recordFailure({ event, args }: FinalFailure): Promise<void> {
    this.stats.fail(event);
    await this.#results.fail(event.id, errorLine(event, args));
  }

  #recordUpdates(updates: readonly TaskUpdate[]): void {
    this.#run.journal.append(encodeLines(updates.map(updateLine)));
    for (const update of updates) if (update.type === "usage") this.usage.add(update);
  }

  #recordLogs(lines: readonly LogLine[]): void {
    for (const line of lines) this.valueWarnings.add(line);
    // Text that an engine finds itself, such as that of a machine, has no time.
    const logs = lines.filter(({ note }) => !note).map((line) => withTime(line));
    if (logs.length === 0) return;
    const { reporter } = this.#run.plan;
    this.#logs.write(encodeLines(logs.map((line) => JSON.stringify(line))));
    for (const line of logs) reporter.taskLog(line);
  }

  #count(succeeded: number, failed: number, retried: number): void {
    const { counts } = this.#run;
    counts.succeeded += succeeded;
    counts.failed += failed;
    counts.retried += retried;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}

/**
 * Returns the journal line of a failed attempt that will be retried. A `lost` event keeps its type.
 */
function retriedLine({ event }: FailedAttempt): string {
  if (event.error.class === "limited") return limitedLine(event, Date.now());
  return eventLine(event.type === "lost" ? event : { ...event, type: "retried", at: Date.now() });
}

function withTime(line: LogLine): LogLine {
  return line.time === undefined ? { ...line, time: Date.now() } : line;
}

function failedLine({ event }: FinalFailure): string {
  return eventLine({ ...event, at: Date.now() });
}
