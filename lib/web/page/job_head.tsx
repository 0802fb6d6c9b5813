/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The header of a job, with its name, progress and actions.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { h, useState } from "./deps.ts";
import { countText, durationText, shortNumber, timeText } from "./format.ts";
import { Bar } from "./parts.tsx";
import type { Action, DataSource } from "./source.ts";

/** Shows the name, state and progress of a job, with a button for each possible action. */
export function JobHead({ source, snapshot, now }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly now: number;
}) {
  const { job, read, damage } = snapshot;
  const { id, name, state, engine, started, ended } = job;
  return (
    <header class="head">
      {!source.made && <a class="back" href="#">All jobs</a>}
      <div class="title">
        <h1>{name}</h1>
        <span class={`state ${state}`}>{state}</span>
        {!source.made && <Actions source={source} job={job} />}
      </div>
      <p class="facts">
        <span class="mono">{id}</span>
        <span>on {engine}</span>
        {started && <span>started {timeText(started)}</span>}
        {started && ended && (
          <span>took {durationText(Date.parse(ended) - Date.parse(started))}</span>
        )}
        {job.function.includes(":") && (
          <span class="mono path" title={job.function}>{shortPath(job.function)}</span>
        )}
        {source.made && <span>report from {timeText(source.made)}</span>}
      </p>
      <JobProgress snapshot={snapshot} now={now} />
      {damage && <p class="note">{damage}</p>}
      {read < 1 && <p class="note">Reading the journal, {Math.floor(read * 100)}%</p>}
    </header>
  );
}

function shortPath(location: string): string {
  return location.split("/").slice(-3).join("/");
}

function JobProgress({ snapshot, now }: { readonly snapshot: Snapshot; readonly now: number }) {
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
        <Figure name="pending" value={countText(rest)} kind="none" />
        <Figure name={total === 1 ? "task" : "tasks"} value={countText(total)} kind="none" />
        {speed > 0 && (
          <Figure name="per second" value={shortNumber(Number(speed.toPrecision(2)))} kind="none" />
        )}
        {speed > 0 && rest > 0 && (
          <Figure name="left" value={durationText(rest / speed * 1000)} kind="none" />
        )}
      </dl>
    </div>
  );
}

const RECENT_MS = 30_000;

/** Returns the number of finished tasks per second in the most recent intervals. */
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

/** Returns the actions that are possible in a job's current state. */
function actionsOf({ state, failed, succeeded, total }: Snapshot["job"]): Action[] {
  if (state === "running") return ["cancel"];
  const isOpen = state !== "succeeded" && succeeded + failed < total;
  const actions: Action[] = [];
  if (isOpen) actions.push("resume");
  if (failed > 0) actions.push("retry");
  return actions;
}
