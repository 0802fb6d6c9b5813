/**
 * Reads the list of a job, copies it to `tasks.ndjson`, and yields the tasks that have not ended.
 *
 * @module
 */

import { jobFiles } from "../../job_dir/layout.ts";
import { dropPlaces, keepPlaces, keptPlaces } from "../../job_dir/kept_places.ts";
import { ListFile } from "../../job_dir/list_file.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { ResultCache } from "../../job_dir/result_cache.ts";
import type { FailedAttempt } from "../../journal/format.ts";
import type { JournalState } from "../../journal/state.ts";
import { joinTasks, type Task, type TaskBatch } from "../../tasks/batch.ts";
import { CheckedList } from "../../tasks/checked_list.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { Places } from "../../tasks/places.ts";
import { isOnDisk, readTasks, type TaskList, toTasks } from "../../tasks/source.ts";
import { defined } from "../../util/defined.ts";
import { shownPath } from "../../util/paths.ts";
import type { ActiveRun } from "./active_run.ts";
import type { CanarySizes } from "../canary/canary_part.ts";
import type { EventRecorder } from "./event_recorder.ts";
import { ListValues } from "../list/list_values.ts";
import { elementError } from "./line_error.ts";
import { noticeTo } from "./notices.ts";

/** Records the list of one run. */
export class ListRecorder implements Disposable {
  /** True while the tasks that were read last are spread over the list. */
  isSpread = false;
  #run: ActiveRun;
  #events: EventRecorder;
  #path: string;
  #file: ListFile;
  #places = new Places();
  /** The places of tasks that earlier runs have read, once such a task has failed. */
  #kept: Places | undefined;
  /** The number of tasks that earlier runs have read. */
  #known: number;
  /** The number of tasks whose places this run has read. */
  #placed = 0;
  #cache: ResultCache | undefined;
  #closed = new AbortController();

  /**
   * Creates the recorder of one run.
   *
   * @param run the run whose list is read
   * @param events the recorder of the results that are reused from earlier jobs
   */
  constructor(run: ActiveRun, events: EventRecorder) {
    this.#run = run;
    this.#events = events;
    this.#path = jobFiles(run.plan.folder).tasks;
    this.#file = new ListFile(run.plan.folder, run.record.id);
    this.#known = run.counts.read;
  }

  /** The number of results that were reused from earlier jobs. */
  get reused(): number {
    return this.#cache?.used ?? 0;
  }

  /** Loads the results of earlier jobs, unless the option `reuse` is false. */
  async loadCache(): Promise<void> {
    const { record, plan: { folder, reporter } } = this.#run, { reuse } = record.options;
    if (reuse === false) return;
    const { ResultCache } = await import("../../job_dir/result_cache.ts");
    const { sameCodeAs } = await import("../../bundle/program/own_code.ts");
    const hasSameCode = reuse === "args" ? undefined : sameCodeAs(folder, record);
    this.#cache = await ResultCache.load(record, hasSameCode);
    for (const warning of this.#cache.warnings) reporter.warn(warning);
  }

  /** Yields the tasks that have not ended: first those that earlier runs read, then the rest. */
  async *open(): AsyncGenerator<TaskBatch> {
    const { counts, past } = this.#run, known = counts.read, rest = this.#readRest(known);
    const next = this.#lacksPlaces() ? rest.next() : undefined;
    try {
      // An error of the list comes after the tasks that are known.
      await next?.catch(() => {});
      if (known > 0) {
        for await (const batch of readOpen(this.#path, past, known)) {
          yield* await this.#reuse(batch);
        }
      }
      const first = await next;
      if (first && !first.done) yield first.value;
      yield* rest;
    } finally {
      // A run that stops among the known tasks closes the list.
      await rest.return(undefined);
    }
  }

  /**
   * Returns true when the places of known tasks are not kept, because the process that read them was
   * killed. The files are then read again before these tasks run, and not after them.
   */
  #lacksPlaces(): boolean {
    const { plan: { folder, list } } = this.#run;
    if (this.#known === 0 || list === undefined || !isOnDisk(list)) return false;
    this.#kept = keptPlaces(folder);
    return this.#kept.size === 0;
  }

  /**
   * Reads the whole list, and yields some of its tasks, which are spread over it. Then yields the
   * others, when these may run.
   *
   * @param most the number of tasks that come first
   * @param mayPass called when other tasks are left; returns true when they may run
   */
  async *openCanary(
    most: number,
    mayPass: (sizes: CanarySizes) => Promise<boolean>,
  ): AsyncGenerator<TaskBatch> {
    const { CanaryPart } = await import("../canary/canary_part.ts"), part = new CanaryPart();
    for await (const batch of this.#readRest(0)) part.add(batch);
    const sizes = part.choose(most);
    this.isSpread = true;
    yield* part.canary(this.#path);
    if (sizes.rest === 0 || !await mayPass(sizes)) return;
    for await (const batch of part.others(this.#path)) {
      this.isSpread = false;
      yield batch;
    }
  }

  /** Yields the tasks of the list that no earlier run has read. */
  async *#readRest(known: number): AsyncGenerator<TaskBatch> {
    const { counts, plan: { list } } = this.#run;
    if (list === undefined) return;
    yield* this.#read(list, known);
    counts.total = counts.read;
    this.#keepPlaces();
    // A list that is recorded as read must be complete, even after a power cut.
    await this.#file.syncSoon();
    const part = list instanceof CheckedList ? list.list : list;
    const elements = part instanceof CutList ? part.elements : undefined;
    this.#run.update(defined<Partial<JobRecord>>({ isRead: true, elements, ...this.#skipped() }));
  }

  /** Returns the check of the record, with the number of elements that were left out. */
  #skipped(): Pick<JobRecord, "check"> {
    const { plan: { list }, record: { check } } = this.#run;
    const count = list instanceof CheckedList ? list.skipped?.count : undefined;
    return count === undefined ? {} : { check: { ...check!, skipped: count } };
  }

  /**
   * Adds the place of the task to a failure, and gives it the class `invalid` when the task's element
   * cannot be used.
   */
  explain(failure: FailedAttempt): FailedAttempt {
    const { event } = failure, { id } = event;
    const places = this.#placesOf(id);
    const error = elementError(failure, places.of(id)) ?? event.error;
    const found = places.textOf(id), known = this.#run.places.get(id);
    // A list that an earlier version began has the absolute path when it is read again.
    const place = found === undefined ? known : shownPath(found);
    return { ...failure, event: { ...event, error, place } };
  }

  /** Returns the places of a task. A list may be read again only after the tasks that are known. */
  #placesOf(id: number): Places {
    if (id >= this.#known) return this.#places;
    const kept = this.#kept ??= keptPlaces(this.#run.plan.folder);
    return kept.of(id) ? kept : this.#places;
  }

  /** Keeps the places of all tasks that have been read, unless this run knows only some of them. */
  #keepPlaces(): void {
    if (this.#placed >= this.#known) keepPlaces(this.#run.plan.folder, this.#places);
  }

  /**
   * Syncs the copy of the list to disk, and keeps the places for a later run.
   *
   * @throws {Error} when the disk reports an error.
   */
  async sync(): Promise<void> {
    // Those of a list that was read to its end are kept already.
    if (!this.#run.record.isRead) this.#keepPlaces();
    await this.#file.syncSoon();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#file[Symbol.dispose]();
  }

  /**
   * Skips the first `known` tasks, writes the others to the file in batches, and yields those that
   * must run.
   */
  async *#read(list: TaskList, known: number): AsyncGenerator<TaskBatch> {
    const { counts, journal, past, plan } = this.#run;
    const notice = noticeTo(plan.reporter, "list");
    // After a power cut, the file may lack the lines of tasks whose events are in the journal.
    const isCut = past.hasEndFrom(known);
    const { signal } = this.#closed;
    using values = new ListValues(plan);
    const onNonFinite = (path: string) => values.add(path);
    const tasks = toTasks(list, { places: this.#places, notice, onNonFinite, signal });
    for await (const all of this.#checked(tasks)) {
      this.#placed += all.count;
      const batch = tasksFrom(all, known);
      if (batch.count === 0) continue;
      // The places of all tasks are kept at the end of this run.
      if (counts.read === this.#known) dropPlaces(plan.folder);
      this.#file.append({ id: batch.id(0), count: batch.count, bytes: batch.bytes });
      journal.touch();
      counts.read += batch.count;
      for (const open of isCut ? joinTasks(openTasks(batch, past)) : [batch]) {
        yield* await this.#reuse(open);
      }
    }
  }

  /** Notes when the list fails before its first task, or this task cannot run. */
  async *#checked(tasks: AsyncIterable<TaskBatch>): AsyncGenerator<TaskBatch> {
    const { counts, plan } = this.#run;
    try {
      for await (const batch of tasks) {
        if (batch.count > 0 && batch.id(0) === 0) plan.checkFirst?.(batch.task(0));
        yield batch;
      }
    } catch (error) {
      this.#run.isRefused = counts.read === 0 && !plan.stop.aborted && !plan.signal.aborted;
      throw error;
    }
  }

  /** Records the results that earlier jobs have computed, and returns the tasks that must run. */
  async #reuse(batch: TaskBatch): Promise<readonly TaskBatch[]> {
    if (!this.#cache) return [batch];
    const { found, rest } = this.#cache.divide(batch);
    await this.#events.recordCached(found);
    return rest;
  }
}

/** Reads the known tasks that have not ended, each with the number of its next attempt. */
async function* readOpen(
  path: string,
  state: JournalState,
  known: number,
): AsyncGenerator<TaskBatch> {
  if (state.succeeded + state.failed === known) return;
  const isTried = ({ id }: Task) => state.triesOf(id).length > 0;
  for await (const all of readTasks(path)) {
    // More of the list may have been read already.
    const open = openTasks(all, state).filter(({ id }) => id < known);
    yield* joinTasks(open.filter((one) => !isTried(one)));
    // A task that has already failed gets its own batch, because its limits may differ.
    for (const one of open.filter(isTried)) yield* joinTasks([one]);
    // The file grows while the rest of the list is read.
    if (all.id(all.count - 1) >= known - 1) return;
  }
}

function openTasks(batch: TaskBatch, state: JournalState): Task[] {
  const open: Task[] = [];
  for (const task of batch) {
    const { id } = task;
    if (state.of(id) !== "open") continue;
    open.push({ ...task, attempt: state.nextAttempt(id), checkpoint: state.checkpointOf(id) });
  }
  return open;
}

/** Returns the part of a batch whose ids are at least `known`. */
function tasksFrom(batch: TaskBatch, known: number): TaskBatch {
  const from = Math.min(Math.max(known - batch.id(0), 0), batch.count);
  return from === 0 ? batch : batch.slice(from);
}
