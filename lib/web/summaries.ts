/**
 * Summarizes the files of a running or ended job.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { settableTexts } from "../job/steer/change_text.ts";
import { lastHolder } from "../job_dir/lock.ts";
import { parseSpan } from "../job_dir/log_lines.ts";
import { parseResources } from "../job_dir/resources.ts";
import { readRunning, type RunningTasks } from "../job_dir/running_tasks.ts";
import type { TaskEvent } from "../journal/format.ts";
import { JournalReader } from "../journal/reader.ts";
import { attemptAt, eachResult, msAt, scanEvents, toEvent } from "../journal/scan.ts";
import { JournalState } from "../journal/state.ts";
import { statIfThere } from "../util/files/fs.ts";
import { type DescribedHost, describeHosts } from "../engines/stream/host_report.ts";
import { GrowingFile } from "../util/files/growing_file.ts";
import { ActivePeriod } from "./active_period.ts";
import { type EventPlace, FailureGrouper } from "./failures.ts";
import { ListText } from "./list_text.ts";
import { listedJob, readRecordedJob, type RecordedJob } from "./listed_job.ts";
import type { JobDifference, ListedJob, RateSeries, Snapshot } from "./protocol.ts";
import { ResourceSeries } from "./resource_series.ts";
import { ResultSample } from "./sample.ts";
import { TaskIndex } from "./task_index.ts";
import { TaskSelection } from "./task_selection.ts";
import { TimeHistogram } from "./time_histogram.ts";

// The time limit of one read. Other requests wait until the read ends.
const READ_MS = 50;

// The number of running tasks whose progress is shown.
const MOST_RUNNING = 20;

/** A summary of a job, updated from its growing files. */
export class JobSummary {
  /** A number that increases with every change. */
  version = 0;
  #recorded!: RecordedJob;
  #recordText = "";
  #active: RunningTasks | undefined;
  #events: JournalReader | undefined;
  #isRead = false;
  #file: number | null = null;
  #spans: GrowingFile;
  #list!: ListText;
  #isWhole = false;
  #index = new TaskIndex();
  #tasks: TaskSelection | undefined;
  #logs: GrowingFile;
  #resources: GrowingFile;
  #series = new ResourceSeries();
  #hosts: DescribedHost[] | undefined;
  #journal = new JournalState();
  #times = new TimeHistogram();
  #failures: FailureGrouper;
  #sample = new ResultSample();
  #period = new ActivePeriod();

  /**
   * Creates a summary without reading the files yet.
   *
   * @param folder the job's folder
   */
  constructor(readonly folder: string) {
    const { events, spans, logs, resources } = jobFiles(folder);
    this.#failures = new FailureGrouper(events);
    this.#spans = new GrowingFile(spans);
    this.#logs = new GrowingFile(logs);
    this.#resources = new GrowingFile(resources);
  }

  /** True when a resumed job has replaced a file that was read, because it was damaged. */
  get isStale(): boolean {
    if (this.#list?.isStale) return true;
    return this.#file !== null && fileNumber(jobFiles(this.folder).events) !== this.#file;
  }

  /**
   * Reads data appended since the last call, for at most about 50 ms.
   *
   * @returns true when more data can be read immediately
   * @throws {Error} when the journal has an unsupported version.
   */
  read(): boolean {
    this.#readRecord();
    const end = performance.now() + READ_MS;
    const before = this.#position();
    let isMore = true;
    while (isMore && performance.now() < end) isMore = this.#readPieces();
    this.#isWhole = !isMore;
    if (this.#readHosts() || this.#position() !== before) this.version++;
    return isMore;
  }

  /** Returns the job's entry in the list of jobs. */
  row(): ListedJob {
    const { succeeded, failed } = this.#journal;
    const total = Math.max(this.#recorded.record.length ?? 0, this.#list.count);
    return listedJob(this.#recorded, { total, succeeded, failed });
  }

  /** The list of the job's tasks, as far as the files have been read. */
  get tasks(): TaskSelection {
    return this.#tasks ??= new TaskSelection({
      version: () => this.version,
      total: () => this.row().total,
      index: this.#index,
      list: this.#list,
      messagesOf: (ids) => this.#failures.messagesOf(ids),
    });
  }

  /** Returns the current state of the job, as far as the files have been read. */
  snapshot(): Snapshot {
    const { at = 0, size = 0 } = this.#events ?? {};
    return {
      job: this.row(),
      damage: this.#damage() ?? this.#listDamage(),
      read: size > 0 ? at / size : 1,
      retried: this.#journal.retried,
      rate: this.#rate(),
      times: this.#times.bins(),
      timeline: { ...this.#period.timeline.snapshot(), earlier: this.#period.earlier },
      failures: this.#failures.snapshot(),
      slowest: this.#times.slowest,
      running: this.#running(),
      hosts: this.#hosts,
      active: this.#recorded.state === "running" ? this.#active : undefined,
      resources: this.#series.snapshot(),
      options: this.#recorded.state === "running"
        ? settableTexts(this.#recorded.record.options)
        : undefined,
      logBytes: this.#logs.size,
    };
  }

  /** Returns the state of another job, and the tasks that did not end as they did in it. */
  compare(other: JobSummary): JobDifference {
    return {
      snapshot: other.snapshot(),
      better: this.#index.betterThan(other.#index),
      worse: other.#index.betterThan(this.#index),
    };
  }

  /** Returns a sample of the results, as the JSON of a `Sample`. */
  sample(): string {
    return this.#sample.toJson(this.#journal.succeeded);
  }

  /** Returns the finished tasks over time. Before the first one has ended, the time begins with the job. */
  #rate(): RateSeries {
    const rate = this.#period.rate.snapshot();
    if (rate.counts.length > 0) return rate;
    const [first] = this.#series.snapshot() ?? [], { started } = this.#recorded.record;
    return { ...rate, from: first?.at ?? (started === undefined ? 0 : Date.parse(started)) };
  }

  /** Returns the progress of the first running tasks that have reported any. */
  #running(): Snapshot["running"] {
    if (this.#recorded.state !== "running") return [];
    return this.#journal.progress.toSorted((a, b) => a.id - b.id).slice(0, MOST_RUNNING)
      .map(({ id, fraction, text }) => ({ id, fraction, text }));
  }

  /** Reads the states of the hosts. Returns true when they have changed. */
  #readHosts(): boolean {
    const { record, state } = this.#recorded, before = JSON.stringify(this.#hosts);
    this.#hosts = state === "running" ? describeHosts(this.folder, record.engine) : undefined;
    return JSON.stringify(this.#hosts) !== before;
  }

  #position(): string {
    const files = [this.#events, this.#spans, this.#list, this.#logs, this.#resources];
    return files.map((file) => file?.at).join();
  }

  #readRecord(): void {
    const recorded = readRecordedJob(this.folder), active = readRunning(this.folder);
    const text = JSON.stringify([recorded, active]);
    if (text === this.#recordText) return;
    this.#recorded = recorded;
    this.#list ??= new ListText(this.folder, recorded.record);
    this.#active = active;
    this.#recordText = text;
    this.version++;
  }

  #readPieces(): boolean {
    const more = [
      this.#readEvents(),
      this.#spans.nextLines((text) => this.#addSpans(text)),
      this.#list.read(),
      this.#resources.nextLines((text) => this.#addResources(text)),
      // The page shows only the size of the log.
      this.#logs.next((bytes) => bytes.length),
    ];
    return more.includes(true);
  }

  /** Reads a part of the journal. Returns true when more can be read immediately. */
  #readEvents(): boolean {
    const { record: { id }, state } = this.#recorded;
    const path = jobFiles(this.folder).events;
    this.#events ??= new JournalReader(path, id);
    this.#file ??= fileNumber(path);
    const events = this.#events.next();
    for (const part of events ?? []) this.#addEvents(part);
    if (events || this.#isRead || state === "running") return events !== undefined;
    this.#isRead = true;
    for (const part of this.#events.end()) this.#addEvents(part);
    return false;
  }

  #addEvents(events: Uint8Array): void {
    this.#journal.add(events);
    this.#scan(events);
    eachResult(events, (id, result) => {
      if (this.#sample.wants(id)) this.#sample.add(id, result, this.#index.of(id).attempt);
    });
  }

  /** Describes the damage of the journal; `undefined` when no damage was found. */
  #damage(): string | undefined {
    const { record: { id, counts }, state } = this.#recorded, { succeeded, failed } = this.#journal;
    const [first] = this.#events?.damages ?? [];
    const isOver = this.#isRead && state !== "running" && counts !== undefined;
    const isShort = isOver && (counts.succeeded !== succeeded || counts.failed !== failed);
    if (!first && !isShort) return undefined;
    const place = first ? ` at byte ${first.at}` : "";
    return `The journal is damaged${place}: dl_jobs verify ${id} names the tasks, and dl_jobs ` +
      `resume ${id} runs them again`;
  }

  /** Describes the damage of the copy of the list; `undefined` when no damage was found. */
  #listDamage(): string | undefined {
    const { record: { id, counts }, state } = this.#recorded;
    const isOver = this.#isWhole && state !== "running" && counts !== undefined;
    if (!this.#list.isDamaged && !(isOver && this.#list.count < counts.total)) return undefined;
    return `The copy of the list is damaged: dl_jobs verify ${id} names the tasks, whose arguments ` +
      `are not shown, and dl_jobs resume ${id} reads it again from its source`;
  }

  #scan(bytes: Uint8Array): void {
    scanEvents(bytes, {
      block: ({ id, count, ms = 0 }) => {
        // A long result has a block of its own, whose time is that of the task.
        if (count === 1) this.#times.addTask(id, ms);
        else this.#times.add(ms / count, count);
        this.#index.succeedAll(id, count, ms / count);
      },
      success: (id, start, result) => {
        const ms = msAt(bytes, result);
        this.#failures.remove(id);
        this.#times.addTask(id, ms);
        this.#index.succeed(id, attemptAt(bytes, start), ms);
      },
      other: (start, end) => {
        const at = this.#events!.offsetOf(bytes) + start;
        this.#addOther(toEvent(bytes, start, end), { at, length: end - start });
      },
    });
  }

  #addOther(event: TaskEvent | undefined, place: EventPlace): void {
    if (event) this.#index.add(event);
    if (event?.type === "queued") this.#failures.remove(event.id);
    if (event?.type !== "failed") return;
    this.#failures.add(event, place);
    this.#times.addTask(event.id, event.ms);
  }

  #addResources(text: string): void {
    for (const sample of text.split("\n").flatMap(parseResources)) this.#series.add(sample);
  }

  #addSpans(text: string): void {
    const resumed = () => Date.parse(lastHolder(this.folder).since);
    for (const span of text.split("\n").flatMap(parseSpan)) {
      this.#period = this.#period.after(span, resumed);
      this.#period.add(span);
    }
  }
}

/** Returns the number by which the file system identifies a file; `null` when it is missing. */
function fileNumber(path: string): number | null {
  return statIfThere(path)?.ino ?? null;
}
