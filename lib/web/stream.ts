/**
 * Streams the state of jobs as server-sent events.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @module
 */

import { delay } from "../util/time/delay.ts";
import type { JobBook } from "./jobs.ts";
import type { AbsentJob } from "./protocol.ts";
import type { JobSummary } from "./summaries.ts";

const POLL_MS = 250;
/** The number of polls between updates of the job list. */
const LIST_EVERY = 4;
// The time tells both sides that the connection is open.
const TIME_MS = 15_000;

/**
 * Returns a stream of changes. A `jobs` event has the list of jobs, and a `job` event has the state
 * of one job. An `absent` event says why there is no such state. A `time` event, about every 15 seconds,
 * has the time of this machine in milliseconds.
 *
 * An event is created only after the reader has taken the previous one, so a slow reader receives
 * fewer events.
 *
 * @param id the job to send; an empty text for none
 * @param ended the signal that ends the stream
 */
export function streamOf(
  jobs: JobBook,
  id: string,
  ended: AbortSignal,
): ReadableStream<Uint8Array> {
  return ReadableStream.from(messages(jobs, id, ended)).pipeThrough(new TextEncoderStream());
}

async function* messages(
  jobs: JobBook,
  id: string,
  ended: AbortSignal,
): AsyncGenerator<string> {
  let list = "", seen: unknown[] = [], sent = -Infinity, missing: string | undefined;
  let timed = -Infinity;
  for (let turn = 0; !ended.aborted; turn++) {
    // A poll of large jobs takes a while, so the page would miss a time after a number of polls.
    if (performance.now() - timed >= TIME_MS) {
      timed = performance.now();
      yield message("time", `${Date.now()}`);
    }
    const { summary, isMore = false, reason } = readJob(jobs, id);
    if (reason !== undefined && reason !== missing) {
      const absent: AbsentJob = { job: id, reason };
      yield message("absent", JSON.stringify(absent));
    }
    missing = reason;
    // The page shows the reason until it receives a state, even one that it has received before.
    if (reason !== undefined) seen = [];
    const isNew = summary !== seen[0] || summary?.version !== seen[1];
    // While a long journal is read, a state after each part would only keep the page busy.
    if (summary && isNew && performance.now() - sent >= POLL_MS) {
      [seen, sent] = [[summary, summary.version], performance.now()];
      yield message("job", JSON.stringify(summary.snapshot()));
    }
    const before = list;
    if (turn % LIST_EVERY === 0) list = JSON.stringify(jobs.rows());
    if (list !== before) yield message("jobs", list);
    await delay(isMore ? 0 : POLL_MS, [ended]);
  }
}

/** The part of a job's summary that is read, or the reason that it cannot be read. */
interface ReadJob {
  readonly summary?: JobSummary;
  readonly isMore?: boolean;
  readonly reason?: string;
}

function readJob(jobs: JobBook, id: string): ReadJob {
  if (id === "") return {};
  try {
    if (jobs.has(id)) {
      const summary = jobs.summaryOf(id);
      return { isMore: summary.read(), summary };
    }
  } catch (error) {
    // The files may have been removed while they were read.
    if (jobs.has(id)) return { reason: (error as Error).message };
  }
  return { reason: GONE };
}

const GONE = "This job no longer exists in this folder.";

function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
