/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The list of jobs.
 *
 * @module
 */

import { stateText } from "../../job_dir/job_wait.ts";
import { type ListedJob, MAX_JOBS } from "../protocol.ts";
import { h, useState } from "./deps.ts";
import { agoText, countText, progressText } from "./format.ts";
import { chooseJobs, JOB_STATES, JOB_TIMES } from "./job_filter.ts";
import { Bar, Select, TextField, useNow } from "./parts.tsx";
import type { DataSource } from "./source.ts";

/** Shows the jobs as links, newest first. */
export function JobList({ source, jobs = [], chosen, isConnected }: {
  readonly source: DataSource;
  readonly jobs: readonly ListedJob[] | undefined;
  readonly chosen: string | undefined;
  readonly isConnected: boolean;
}) {
  const [text, setText] = useState(""), [state, setState] = useState(JOB_STATES[0]!);
  const [time, setTime] = useState(Object.keys(JOB_TIMES)[0]!);
  // Ages grow also while no job changes.
  const now = useNow(source, AGE_MS);
  const found = chooseJobs(jobs, { text, state, time }, now);
  return (
    <nav class="jobs" aria-label="Jobs">
      <header>
        <a class="brand" href="#">dl_jobs</a>
        <span class="connection" role="status">
          {isConnected ? "" : "Not connected: is dl_jobs ui still running?"}
        </span>
      </header>
      {jobs.length > 0 && (
        <form
          role="search"
          aria-label="Jobs"
          onSubmit={(event) => event.preventDefault()}
        >
          <TextField label="Find jobs" value="" hint="name or id" onChange={setText} />
          <Select label="State" options={JOB_STATES} value={state} onChange={setState} />
          <Select
            label="Started"
            options={Object.keys(JOB_TIMES)}
            value={time}
            onChange={setTime}
          />
          <span class="note" role="status">
            {found.length < jobs.length &&
              `${countText(found.length)} of ${countText(jobs.length)}`}
          </span>
        </form>
      )}
      <ul>
        {found.map((job) => (
          <JobItem key={job.id} job={job} isChosen={job.id === chosen} now={now} />
        ))}
      </ul>
      {jobs.length >= MAX_JOBS && (
        <p class="note older">
          These are the newest {MAX_JOBS} jobs. <code>dl_jobs jobs</code> lists all.
        </p>
      )}
    </nav>
  );
}

const AGE_MS = 20_000;

function JobItem({ job, isChosen, now }: {
  readonly job: ListedJob;
  readonly isChosen: boolean;
  readonly now: number;
}) {
  const { id, name, state, waits, succeeded, failed, total, isPartial, started } = job;
  return (
    <li>
      <a href={`#${id}`} aria-current={isChosen ? "page" : undefined}>
        <span class="name" title={`${name}, ${id}`}>{name}</span>
        <span class={`state ${state}`}>{stateText(state, waits)}</span>
        {state !== "damaged" && <Bar succeeded={succeeded} failed={failed} total={total} />}
        {state !== "damaged" && (
          <span class="note">
            {progressText(succeeded + failed)} of {progressText(total)}
            {isPartial && " read so far"}
            {failed > 0 && <b class="bad">, {progressText(failed)} failed</b>}
          </span>
        )}
        {started && <time class="note" dateTime={started}>{agoText(started, now)}</time>}
      </a>
    </li>
  );
}
