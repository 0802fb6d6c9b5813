/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * Two jobs side by side.
 *
 * @module
 */

import type { JobDifference, ListedJob, Snapshot } from "../protocol.ts";
import { h } from "./deps.ts";
import { countText, durationText, plural } from "./format.ts";
import { Histogram, medianOf } from "./histogram.tsx";
import { Card, useFetched } from "./parts.tsx";
import { routeHash } from "./route.ts";
import type { DataSource } from "./source.ts";

/** Shows the figures of a job beside those of another, and the tasks that ended differently. */
export function CompareView({ source, snapshot, jobs, other, onChange }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly jobs: readonly ListedJob[];
  /** The id of the other job; the empty text until one is chosen. */
  readonly other: string;
  readonly onChange: (id: string) => void;
}) {
  const { job, read } = snapshot, others = jobs.filter(({ id }) => id !== job.id);
  const versions = [job, ...others.filter(({ id }) => id === other)]
    .map(({ state, succeeded, failed }) => [state, succeeded, failed]);
  const found = useFetched(
    // The other job may be gone when a bookmark leads here.
    () => other ? source.compare(job.id, other).catch(messageOf) : Promise.resolve(undefined),
    [...versions, read === 1].join(),
    other,
  );
  return (
    <Card title="Compare" wide>
      <label class="select">
        With
        <select
          aria-label="Job to compare with"
          value={other}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          <option value="">choose a job</option>
          {others.map(({ id, name }) => <option key={id} value={id}>{`${name}, ${id}`}</option>)}
        </select>
      </label>
      {others.length === 0 && <p class="empty">This folder has no other job.</p>}
      {other && !found && <p class="empty">Reading the other job…</p>}
      {typeof found === "string" && <p class="problem">{found}</p>}
      {typeof found === "object" && <Figures both={[snapshot, found.snapshot]} />}
      {typeof found === "object" && <Differences job={job.id} difference={found} />}
    </Card>
  );
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}

const FIGURES: Readonly<Record<string, (snapshot: Snapshot) => string>> = {
  "state": ({ job }) => job.state,
  "engine": ({ job }) => job.engine,
  "tasks": ({ job }) => `${countText(job.total)}${job.isPartial ? " read so far" : ""}`,
  "succeeded": ({ job }) => countText(job.succeeded),
  "failed": ({ job }) => countText(job.failed),
  "retried attempts": ({ retried }) => countText(retried),
  "median time": ({ times, slowest: [first] }) => {
    const median = medianOf(times), longest = first?.ms ?? Infinity;
    return median === undefined ? "" : `at most ${durationText(Math.min(median, longest))}`;
  },
  "longest time": ({ slowest: [first] }) => first ? durationText(first.ms) : "",
  "workers": ({ timeline: { workers, more } }) => countText(workers.length + more),
};

function Figures({ both }: { readonly both: readonly Snapshot[] }) {
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Figures of both jobs">
      <table>
        <thead>
          <tr>
            <td />
            {both.map(({ job: { id, name } }) => (
              <th key={id} scope="col">
                <a href={routeHash({ job: id, view: "overview", filter: {} })}>{name}</a>
                <br />
                <span class="mono">{id}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(FIGURES).map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {both.map((one) => <td key={one.job.id}>{text(one)}</td>)}
            </tr>
          ))}
          <tr>
            <th scope="row">task times</th>
            {both.map(({ job: { id }, times, slowest }) => (
              <td key={id}>
                <Histogram times={times} longest={slowest[0]?.ms} />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Differences({ job, difference: { better, worse } }: {
  readonly job: string;
  readonly difference: JobDifference;
}) {
  const list = (title: string, { count, ids }: JobDifference["better"]) => (
    <section>
      <h3>{title}: {plural(count, "task")}</h3>
      <ul class="slowest note">
        {ids.map((id) => (
          <li key={id}>
            <a href={routeHash({ job, view: "tasks", task: id, filter: {} })}>task {id}</a>
          </li>
        ))}
        {count > ids.length && <li>and {countText(count - ids.length)} more</li>}
      </ul>
    </section>
  );
  return (
    <div>
      <p class="note">Tasks with the same id are compared.</p>
      {list("Failed there, succeeded here", better)}
      {list("Succeeded there, failed here", worse)}
    </div>
  );
}
