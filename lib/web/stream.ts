/**
 * The state of jobs as a stream of server-sent events.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @module
 */

import { delay } from "../util/delay.ts";
import type { JobBook } from "./jobs.ts";
import type { JobSummary } from "./summaries.ts";

const POLL_MS = 250;
/** The number of polls between two lists of all jobs. */
const LIST_EVERY = 4;
/** The number of polls between two comments, which detect a closed connection. */
const PING_EVERY = 60;

/**
 * Returns a stream of changes: an event `jobs` has the list of all jobs, `job` the state of one.
 *
 * Each event is created when the one before it has been read, so a slow reader gets fewer of them.
 *
 * @param id the job; where it does not exist, only lists are sent
 * @param ended ends the stream when it is aborted
 */
export function streamOf(
  jobs: JobBook,
  id: string,
  ended: AbortSignal,
): ReadableStream<Uint8Array> {
  const summary = jobs.has(id) ? jobs.summaryOf(id) : undefined;
  return ReadableStream.from(messages(jobs, summary, ended)).pipeThrough(new TextEncoderStream());
}

async function* messages(
  jobs: JobBook,
  summary: JobSummary | undefined,
  ended: AbortSignal,
): AsyncGenerator<string> {
  let list = "", seen = 0;
  for (let turn = 0; !ended.aborted; turn++) {
    const isMore = summary?.read() ?? false;
    if (summary && summary.version !== seen) {
      seen = summary.version;
      yield message("job", JSON.stringify(summary.snapshot()));
    }
    const before = list;
    if (turn % LIST_EVERY === 0) list = JSON.stringify(jobs.rows());
    if (list !== before) yield message("jobs", list);
    if (turn % PING_EVERY === 0) yield ":\n\n";
    await delay(isMore ? 0 : POLL_MS, [ended]);
  }
}

function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
