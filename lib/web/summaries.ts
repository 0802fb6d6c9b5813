/**
 * What can be told of a job that runs, or ran: its files, summed up as they grow.
 *
 * @module
 */

import { jobFiles } from "../job_dir/layout.ts";
import { holderOf } from "../job_dir/lock.ts";
import { type JobCounts, type JobRecord, readRecord } from "../job_dir/record.ts";
import type { JobState } from "../job_dir/state.ts";
import { parseEvent, type Span } from "../journal/format.ts";
import { withoutHeader } from "../journal/reader.ts";
import { eachResult, msAt, scanEvents, wholeEnd } from "../journal/scan.ts";
import { JournalState } from "../journal/state.ts";
import { FailureGrouper } from "./failures.ts";
import { binOf, type JobRow, type Snapshot } from "./protocol.ts";
import { RateCounter } from "./rate.ts";
import { ResultSample } from "./sample.ts";
import { Tail } from "./tail.ts";
import { TimelineKeeper } from "./timeline.ts";

// How long nobody else is served.
const READ_MS = 50;
// What was idle longer than that was begun anew.
const IDLE_MS = 60_000;
const MOST_SLOWEST = 10;

/** What was asked of a job, and how it stands. */
export function readStanding(folder: string): { record: JobRecord; state: JobState } {
  // Before the record: whoever had the job has written how it ended.
  const isHeld = holderOf(folder) !== undefined;
  const record = readRecord(folder);
  return { record, state: isHeld ? "running" : record.state ?? "interrupted" };
}

/** What a list says of a job, of which it may be known how it ended. */
export function rowOf(record: JobRecord, state: JobState, counts: JobCounts): JobRow {
  const { id, name, engine, function: location, started, ended } = record;
  const isOver = state !== "running" && state !== "interrupted";
  return {
    ...{ id, name, state, engine, function: functionText(location) },
    ...(isOver && record.counts || counts),
    started,
    ...(isOver && ended ? { ended } : {}),
  };
}

/** Sums up the files of a job, which it only reads. */
export class JobSummary {
  /** Goes up with each thing that is learned. */
  version = 0;
  #record: JobRecord | undefined;
  #recordText = "";
  #state: JobState = "interrupted";
  #events: Tail;
  #spans: Tail;
  #tasks: Tail;
  #logs: Tail;
  #journal = new JournalState();
  #length = 0;
  #times: number[] = [];
  #slowest: { id: number; ms: number }[] = [];
  #failures = new FailureGrouper();
  #sample = new ResultSample();
  #session = new Session();

  /** @param folder the job's folder */
  constructor(readonly folder: string) {
    const { events, spans, tasks, logs } = jobFiles(folder);
    this.#events = new Tail(events);
    this.#spans = new Tail(spans);
    this.#tasks = new Tail(tasks);
    this.#logs = new Tail(logs);
  }

  /** Reads on for a moment, and tells whether there is more to read. */
  read(): boolean {
    this.#readRecord();
    const end = performance.now() + READ_MS;
    const before = this.#position();
    let isMore = true;
    while (isMore && performance.now() < end) isMore = this.#readPieces();
    if (this.#position() !== before) this.version++;
    return isMore;
  }

  /** What a list of jobs says of it. */
  row(): JobRow {
    const { succeeded, failed } = this.#journal;
    const total = Math.max(this.#record!.length ?? 0, this.#length);
    return rowOf(this.#record!, this.#state, { total, succeeded, failed });
  }

  /** How it stands. */
  snapshot(): Snapshot {
    const { at, size } = this.#events;
    return {
      job: this.row(),
      read: size > 0 ? at / size : 1,
      retried: this.#journal.retried,
      rate: this.#session.rate.snapshot(),
      times: Array.from(this.#times, (count = 0) => count),
      timeline: { ...this.#session.timeline.snapshot(), earlier: this.#session.earlier },
      failures: this.#failures.snapshot(),
      slowest: this.#slowest,
      logBytes: this.#logs.size,
    };
  }

  /** Some of its results, as the JSON of a `Sample`. */
  sample(): string {
    return this.#sample.toJson(this.#journal.succeeded);
  }

  #position(): string {
    return [this.#events, this.#spans, this.#tasks, this.#logs].map(({ at }) => at).join();
  }

  #readRecord(): void {
    const { record, state } = readStanding(this.folder);
    const text = JSON.stringify([record, state]);
    if (text === this.#recordText) return;
    [this.#record, this.#recordText, this.#state] = [record, text, state];
    this.version++;
  }

  #readPieces(): boolean {
    const more = [
      this.#events.next((bytes) => this.#takeEvents(bytes)),
      this.#spans.nextLines((text) => this.#takeSpans(text)),
      this.#tasks.next((bytes) => this.#countLines(bytes)),
      // Only how much there is.
      this.#logs.next((bytes) => bytes.length),
    ];
    return more.includes(true);
  }

  #takeEvents(bytes: Uint8Array): number {
    const end = wholeEnd(bytes);
    if (end === 0) return 0;
    const whole = bytes.subarray(0, end);
    const events = this.#events.at === 0 ? withoutHeader(whole, this.#events.path) : whole;
    this.#journal.add(events);
    this.#visit(events);
    eachResult(events, (id, result) => {
      if (this.#sample.wants(id)) this.#sample.add(id, result);
    });
    return end;
  }

  #visit(bytes: Uint8Array): void {
    scanEvents(bytes, {
      run: ({ count, ms = 0 }) => this.#took(ms / count, count),
      success: (id, _start, result) => {
        const ms = msAt(bytes, result);
        this.#took(ms);
        this.#failures.remove(id);
        this.#isSlow(id, ms);
      },
      other: (start, end) => this.#other(new TextDecoder().decode(bytes.subarray(start, end))),
    });
  }

  #other(line: string): void {
    const event = parseEvent(line);
    if (event.type === "queued") this.#failures.remove(event.id);
    if (event.type !== "failed") return;
    this.#failures.add(event);
    this.#took(event.ms);
    this.#isSlow(event.id, event.ms);
  }

  #took(ms: number, count = 1): void {
    const bin = binOf(ms);
    this.#times[bin] = (this.#times[bin] ?? 0) + count;
  }

  #isSlow(id: number, ms: number): void {
    const slowest = this.#slowest;
    if (ms < 1 || (slowest.length === MOST_SLOWEST && ms <= slowest.at(-1)!.ms)) return;
    const others = slowest.filter((one) => one.id !== id);
    this.#slowest = [...others, { id, ms }].sort((a, b) => b.ms - a.ms).slice(0, MOST_SLOWEST);
  }

  #takeSpans(text: string): void {
    for (const line of text.split("\n")) {
      const span: Span = JSON.parse(line);
      this.#session = this.#session.after(span);
      this.#session.add(span);
    }
  }

  #countLines(bytes: Uint8Array): number {
    let end = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, end)) {
      this.#length++;
      end = at + 1;
    }
    return end;
  }
}

/** The time from where a job was begun, or gone on with, to where it stopped. */
class Session {
  readonly rate = new RateCounter();
  readonly timeline = new TimelineKeeper();
  #end = -Infinity;

  constructor(readonly earlier = 0, readonly start = -Infinity) {}

  /** The one that a span belongs to: this, or a new one. */
  after({ from }: Span): Session {
    const isNew = this.#end !== -Infinity && from > this.#end + IDLE_MS;
    return isNew ? new Session(this.earlier + 1, from) : this;
  }

  add(span: Span): void {
    this.#end = Math.max(this.#end, span.to);
    const inside = { ...span, from: Math.max(span.from, this.start) };
    this.rate.add(inside);
    this.timeline.add(inside);
  }
}

function functionText(location: JobRecord["function"]): string {
  return typeof location === "string" ? location : `${location.module}#${location.method}`;
}
