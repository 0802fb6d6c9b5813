/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The list of jobs.
 *
 * @module
 */

import type { ListedJob } from "../protocol.ts";
import { h } from "./deps.ts";
import { agoText, compactText } from "./format.ts";
import { Bar } from "./parts.tsx";

/** Shows the jobs as links, newest first. */
export function JobList({ jobs, chosen, isConnected }: {
  readonly jobs: readonly ListedJob[] | undefined;
  readonly chosen: string | undefined;
  readonly isConnected: boolean;
}) {
  return (
    <nav class="jobs" aria-label="Jobs">
      <header>
        <a class="brand" href="#">dl_jobs</a>
        <span class="connection" role="status">
          {isConnected ? "" : "Not connected: is dl_jobs ui still running?"}
        </span>
      </header>
      <ul>
        {jobs?.map((job) => <JobItem key={job.id} job={job} isChosen={job.id === chosen} />)}
      </ul>
    </nav>
  );
}

function JobItem({ job, isChosen }: { readonly job: ListedJob; readonly isChosen: boolean }) {
  const { id, name, state, succeeded, failed, total, started } = job;
  return (
    <li>
      <a href={`#${id}`} aria-current={isChosen ? "page" : undefined}>
        <span class="name" title={`${name}, ${id}`}>{name}</span>
        <span class={`state ${state}`}>{state}</span>
        <Bar succeeded={succeeded} failed={failed} total={total} />
        <span class="note">
          {compactText(succeeded + failed)} of {compactText(total)}
          {failed > 0 && <b class="bad">, {compactText(failed)} failed</b>}
        </span>
        {started && <time class="note" dateTime={started}>{agoText(started)}</time>}
      </a>
    </li>
  );
}
