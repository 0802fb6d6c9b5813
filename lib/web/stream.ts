/**
 * Streams the state of jobs as server-sent events.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @module
 */

import { delay } from "../util/time/delay.ts";
import type { JobBook } from "./jobs.ts";

const POLL_MS = 250;
/** The number of polls between updates of the job list. */
const LIST_EVERY = 4;
/** The number of polls between comments, which are sent to detect a closed connection. */
const PING_EVERY = 60;

/**
 * Returns a stream of changes. A `jobs` event has the list of jobs, and a `job` event has the state
 * of one job.
 *
 * An event is created only after the reader has taken the previous one, so a slow reader receives
 * fewer events.
 *
 * @param id the job to send; if it does not exist, only `jobs` events are sent
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
  let list = "", seen: unknown[] = [], sent = -Infinity;
  for (let turn = 0; !ended.aborted; turn++) {
    const summary = jobs.has(id) ? jobs.summaryOf(id) : undefined;
    const isMore = summary?.read() ?? false;
    const isNew = summary !== seen[0] || summary?.version !== seen[1];
    // While a long journal is read, a state after each part would only keep the page busy.
    if (summary && isNew && performance.now() - sent >= POLL_MS) {
      [seen, sent] = [[summary, summary.version], performance.now()];
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
