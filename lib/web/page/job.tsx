/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * One job, live or as it was.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { h, useState } from "./deps.ts";
import { FailureList } from "./failures.tsx";
import { countText, durationText, plural, shortNumber, timeText } from "./format.ts";
import { Histogram } from "./histogram.tsx";
import { LogCard } from "./logs.tsx";
import { Bar, Card, TaskLink, useNow } from "./parts.tsx";
import { ResultCard } from "./results.tsx";
import type { Action, DataSource } from "./source.ts";
import { TaskDialog } from "./task.tsx";
import { RateChart, type Zoom } from "./rate.tsx";
import { TimelineChart } from "./timeline.tsx";

interface JobProps {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
}

/** All that there is to see of a job. */
export function JobView({ source, snapshot }: JobProps) {
  const { job, failures, slowest, timeline, times, retried } = snapshot;
  const [task, setTask] = useState<number>();
  const [zoom, setZoom] = useState<Zoom>();
  const isRunning = job.state === "running";
  const now = useNow(isRunning);
  const time = { snapshot, now: isRunning ? now : undefined, zoom, onZoom: setZoom };
  return (
    <article class="job">
      <Head {...{ source, snapshot, now }} />
      {failures.groups.length > 0 && (
        <FailureList {...{ source, failures }} job={job.id} onOpen={setTask} />
      )}
      <div class="cards">
        <Card title="Tasks a second" note={zoom && <Unzoom onClick={() => setZoom(undefined)} />}>
          <RateChart {...time} />
        </Card>
        <Card
          title="Task times"
          note={retried > 0 ? `${plural(retried, "attempt")} tried again` : ""}
        >
          <Histogram times={times} longest={slowest[0]?.ms} />
          {slowest[0] && slowest[0].ms >= SLOW_MS && (
            <ul class="note slowest">
              <li>Slowest:</li>
              {slowest.slice(0, 5).map(({ id, ms }) => (
                <li key={id}>
                  <TaskLink id={id} onOpen={setTask} /> {durationText(ms)}
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Workers" wide note={earlierText(timeline.earlier)}>
          <TimelineChart {...time} onOpen={setTask} />
        </Card>
      </div>
      {job.succeeded > 0 && <ResultCard {...{ source, job }} onOpen={setTask} />}
      {snapshot.logBytes > 0 && <LogCard {...{ source, snapshot }} onOpen={setTask} />}
      {task !== undefined && (
        <TaskDialog
          {...{ source }}
          job={job.id}
          id={task}
          onClose={() => setTask(undefined)}
        />
      )}
    </article>
  );
}

function Unzoom({ onClick }: { readonly onClick: () => void }) {
  return <button type="button" class="link" onClick={onClick}>Show all</button>;
}

function earlierText(earlier: number): string {
  return earlier > 0 ? `since it last went on; ${plural(earlier, "earlier run")} not shown` : "";
}

function Head({ source, snapshot, now }: JobProps & { readonly now: number }) {
  const { job, read } = snapshot;
  const { id, name, state, engine, started, ended } = job;
  return (
    <header class="head">
      {!source.made && <a class="back" href="#">All jobs</a>}
      <div class="title">
        <h1>{name}</h1>
        <span class={`state ${state}`}>{state}</span>
        {!source.made && <Actions {...{ source, job }} />}
      </div>
      <p class="facts">
        <span class="mono">{id}</span>
        <span>on {engine}</span>
        <span>started {timeText(started)}</span>
        {ended && <span>took {durationText(Date.parse(ended) - Date.parse(started))}</span>}
        {job.function.includes(":") && (
          <span class="mono path" title={job.function}>{shortPath(job.function)}</span>
        )}
        {source.made && <span>report of {timeText(source.made)}</span>}
      </p>
      <Progress {...{ snapshot, now }} />
      {read < 1 && <p class="note">Reading the journal, {Math.floor(read * 100)} %</p>}
    </header>
  );
}

function shortPath(location: string): string {
  return location.split("/").slice(-3).join("/");
}

function Progress({ snapshot, now }: { readonly snapshot: Snapshot; readonly now: number }) {
  const { job } = snapshot;
  const { succeeded, failed, total } = job;
  const done = succeeded + failed, rest = Math.max(0, total - done);
  const speed = job.state === "running" ? speedOf(snapshot, now) : 0;
  return (
    <div class="progress">
      <Bar {...job} />
      <dl>
        <Figure
          name="succeeded"
          value={countText(succeeded)}
          kind={succeeded > 0 ? "good" : "none"}
        />
        <Figure name="failed" value={countText(failed)} kind={failed > 0 ? "bad" : "none"} />
        <Figure name="open" value={countText(rest)} kind="none" />
        <Figure name={total === 1 ? "task" : "tasks"} value={countText(total)} kind="none" />
        {speed > 0 && (
          <Figure name="a second" value={shortNumber(Number(speed.toPrecision(2)))} kind="none" />
        )}
        {speed > 0 && rest > 0 && (
          <Figure name="to go" value={durationText(rest / speed * 1000)} kind="none" />
        )}
      </dl>
    </div>
  );
}

// Below that, who was slowest is chance.
const SLOW_MS = 10;
const RECENT_MS = 30_000;

/** How many tasks have ended a second in the last time. */
function speedOf({ rate: { from, step, counts } }: Snapshot, now: number): number {
  const since = Math.max(from, now - Math.max(RECENT_MS, 2 * step));
  const recent = counts.slice(Math.max(0, Math.floor((since - from) / step)));
  return recent.reduce((sum, count) => sum + count, 0) / Math.max(1, (now - since) / 1000);
}

function Figure({ name, value, kind }: {
  readonly name: string;
  readonly value: string;
  readonly kind: "good" | "bad" | "none";
}) {
  return (
    <div class={`figure ${kind}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const LABELS: { readonly [A in Action]: string } = {
  cancel: "Cancel",
  retry: "Retry failed",
  resume: "Resume",
};

function Actions({ source, job }: { readonly source: DataSource; readonly job: Snapshot["job"] }) {
  const [busy, setBusy] = useState<Action>();
  const [problem, setProblem] = useState<string>();
  const act = async (action: Action) => {
    setBusy(action);
    setProblem(await source.act(job.id, action));
    setBusy(undefined);
  };
  return (
    <div class="actions">
      {actionsOf(job).map((action) => (
        <button
          type="button"
          key={action}
          class={action}
          disabled={busy !== undefined}
          onClick={() => act(action)}
        >
          {busy === action ? `${LABELS[action]}…` : LABELS[action]}
        </button>
      ))}
      {problem && <p role="alert" class="problem">{problem}</p>}
    </div>
  );
}

/** What makes sense as a job stands. */
function actionsOf({ state, failed, succeeded, total }: Snapshot["job"]): Action[] {
  if (state === "running") return ["cancel"];
  const isOpen = state !== "succeeded" && succeeded + failed < total;
  return [...(isOpen ? ["resume" as const] : []), ...(failed > 0 ? ["retry" as const] : [])];
}
