/**
 * A run of a job that is under way: its plan, its record and its counts, which the controller and
 * the recorders share.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { type JobRecord, writeRecord } from "../job_dir/record.ts";
import type { JournalState } from "../journal/state.ts";
import type { Journal } from "../journal/writer.ts";
import type { Counts } from "../terminal/progress_line.ts";
import type { RunPlan } from "./plan.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A run of a job that is under way. */
export class ActiveRun {
  /** The number of tasks in each state. The progress line draws these while they change. */
  readonly counts: Mutable<Counts>;
  #record: JobRecord;

  /**
   * @param plan the plan of the run
   * @param journal the journal, open for writing
   * @param past the state of the journal when the run began
   * @param read the number of tasks that earlier runs have read from the list
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
    if (progress) Object.assign(progress, { record, folder, counts: this.counts });
    // Events mean nothing without these files, so they are synced to the disk first.
    const files = jobFiles(folder);
    journal.before = [files.record, files.bundle, files.tasks];
    this.#recordPaths();
  }

  /** The record as it was last written. */
  get record(): JobRecord {
    return this.#record;
  }

  /** Changes the record, in memory and on the disk. */
  update(change: Partial<JobRecord>): void {
    this.#record = { ...this.#record, ...change };
    writeRecord(this.plan.folder, this.#record);
  }

  /** True when the whole list has been read and each of its tasks has ended. */
  get isDone(): boolean {
    const { read, succeeded, failed } = this.counts;
    return this.#record.isRead === true && succeeded + failed === read;
  }

  /** Adds the paths of results and errors to the record before there is anything in the files. */
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
