/**
 * How jobs stand, as server-sent events.
 *
 * @module
 */

import type { JobBook } from "./jobs.ts";
import type { JobSummary } from "./summaries.ts";

const POLL_MS = 250;
/** How often all jobs are looked at, in polls. */
const LIST_EVERY = 4;
/** How often somebody who is gone is noticed, in polls. */
const PING_EVERY = 60;

/**
 * Tells what changes: `jobs` is a list of all, `job` how one of them stands.
 *
 * Each message is made when the one before it has been taken, so whoever is slow gets fewer.
 *
 * @param id the one; where it is not there, only the list is told
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
    const isBehind = summary?.read() ?? false;
    if (summary && summary.version !== seen) {
      seen = summary.version;
      yield message("job", JSON.stringify(summary.snapshot()));
    }
    const before = list;
    if (turn % LIST_EVERY === 0) list = JSON.stringify(jobs.rows());
    if (list !== before) yield message("jobs", list);
    if (turn % PING_EVERY === 0) yield ":\n\n";
    await pause(isBehind ? 0 : POLL_MS, ended);
  }
}

function message(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

async function pause(ms: number, ended: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  ended.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  ended.removeEventListener("abort", end);
}
