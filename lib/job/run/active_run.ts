/**
 * The state of a run in progress: its plan, record and counts. The controller and the recorders
 * share this state.
 *
 * @module
 */

import { jobFiles } from "../../job_dir/layout.ts";
import { type JobRecord, writeRecord } from "../../job_dir/record.ts";
import { stampFiles } from "../../job_dir/stamps.ts";
import { JournalState } from "../../journal/state.ts";
import { Journal } from "../../journal/writer.ts";
import type { Counts } from "../../terminal/progress_line.ts";
import { defined } from "../../util/defined.ts";
import type { RunPlan } from "../plan/plan.ts";

/** Creates the journal of a job that has not run before. */
export function beginRun(plan: RunPlan): ActiveRun {
  const journal = Journal.create(jobFiles(plan.folder).events, plan.record.id);
  return new ActiveRun(plan, journal, new JournalState(), 0);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A run in progress. */
export class ActiveRun {
  /** The number of tasks in each state. The progress line displays the current values. */
  readonly counts: Mutable<Counts>;
  /** True when the list failed before its first task. */
  isRefused = false;
  /** The places in the list of tasks that failed in earlier runs and run again. */
  readonly places: Map<number, string> = new Map();
  #record: JobRecord;

  /**
   * Creates the state of a run that has not started yet.
   *
   * @param plan the plan of the run
   * @param journal the journal, open for writing
   * @param past the state of the journal when the run began
   * @param read the number of tasks that earlier runs read from the list
   */
  constructor(
    readonly plan: RunPlan,
    readonly journal: Journal,
    readonly past: JournalState,
    read: number,
  ) {
    const { record, folder, progress } = plan, { succeeded, failed } = past;
    this.#record = record;
    this.counts = { read, succeeded, failed, retried: 0 };
    const total = record.length ?? (record.isRead ? read : undefined);
    if (total !== undefined) this.counts.total = total;
    if (progress) {
      Object.assign(progress, { record, folder, counts: this.counts });
      // A move first collects the tasks of the old engine in a run with the same progress.
      progress.earlier ??= succeeded;
    }
    // Events refer to the list, so the list is synced to disk before the journal.
    const files = jobFiles(folder);
    journal.before = [files.sums, files.tasks];
    this.#recordPaths();
  }

  /** The most recently written record. */
  get record(): JobRecord {
    return this.#record;
  }

  /**
   * Updates the record in memory and on disk.
   *
   * @param isFinal true for the last record of the run, which must survive a power cut. All other
   * files are on the disk.
   */
  update(change: Partial<JobRecord>, isFinal = false): void {
    const { folder } = this.plan, stamps = isFinal ? stampFiles(folder) : undefined;
    this.#record = defined<JobRecord>({ ...this.#record, ...change, stamps });
    writeRecord(folder, this.#record, isFinal);
  }

  /**
   * True when each task has ended, and no more tasks can be read: the whole list has been read, or
   * the rest of a stream is lost.
   */
  get isDone(): boolean {
    const { counts: { read, succeeded, failed }, plan: { list } } = this;
    const isRead = this.#record.isRead === true || list === undefined;
    return isRead && succeeded + failed === read;
  }

  /** Records the path of each output file when the file is opened, before anything is written. */
  #recordPaths(): void {
    for (const kind of ["results", "errors"] as const) {
      const file = this.plan[kind];
      if (file) file.onOpen = (path) => this.#recordPath(kind, path);
    }
  }

  #recordPath(kind: "results" | "errors", path: string): void {
    const { files } = this.#record;
    if (files[kind] !== path) this.update({ files: { ...files, [kind]: path } });
  }
}
