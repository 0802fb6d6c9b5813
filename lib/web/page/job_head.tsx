/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The header of a job, with its name, progress and actions.
 *
 * @module
 */

import { stateText } from "../../job_dir/job_wait.ts";
import type { Snapshot, TaskState } from "../protocol.ts";
import { type ComponentChildren, h, useState } from "./deps.ts";
import { countText, durationText, shortNumber, timeText } from "./format.ts";
import { ConfirmButton } from "./confirm.tsx";
import { Bar, useAnswer } from "./parts.tsx";
import { Hosts } from "./hosts.tsx";
import { routeHash } from "./route.ts";
import { SteerForm } from "./steer.tsx";
import type { Action, DataSource } from "./source.ts";

/** Shows the name, state and progress of a job, with a button for each possible action. */
export function JobHead({ source, snapshot, now }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly now: number;
}) {
  const { job, read, damage, hosts } = snapshot;
  const { id, name, state, waits, engine, engines, started, took } = job;
  return (
    <header class="head">
      {!source.made && <a class="back" href="#">All jobs</a>}
      <div class="title">
        <h1>{name}</h1>
        <span class={`state ${state}`}>{stateText(state, waits)}</span>
        {!source.made && <Actions source={source} job={job} />}
      </div>
      <p class="facts">
        <span class="mono">{id}</span>
        <span>on {(engines ?? [engine]).join(", then ")}</span>
        {started && <span>started {timeText(started)}</span>}
        {took !== undefined && <span>took {durationText(took)}</span>}
        {job.function !== NO_MODULE && (
          <span class="mono path" title={job.function}>{shortPath(job.function)}</span>
        )}
        {source.made && <span>report from {timeText(source.made)}</span>}
      </p>
      <JobProgress snapshot={snapshot} now={now} isLink={!source.made} />
      <Hosts hosts={hosts} engine={engine} />
      {!source.made && state === "running" && <SteerForm source={source} snapshot={snapshot} />}
      {damage && <p class="note">{damage}</p>}
      {read < 1 && <p class="note">Reading the journal, {Math.floor(read * 100)}%</p>}
    </header>
  );
}

// The function of a job of the library may be part of the program that runs the job.
const NO_MODULE = "function";

/** Returns the end of the URL of a function. A command stays as it is. */
function shortPath(location: string): string {
  return /^[a-z]+:\S+$/.test(location) ? location.split("/").slice(-3).join("/") : location;
}

function JobProgress({ snapshot, now, isLink }: {
  readonly snapshot: Snapshot;
  readonly now: number;
  /** True when the counts are links to lists of the tasks. */
  readonly isLink: boolean;
}) {
  const { job } = snapshot;
  const { succeeded, failed, total, isPartial } = job;
  const done = succeeded + failed, rest = Math.max(0, total - done);
  // A job that waits for its user ends no sooner the longer it waits.
  const speed = job.state === "running" && !job.waits ? speedOf(snapshot, now) : 0;
  return (
    <div class="progress">
      <Bar {...job} />
      <dl>
        <Figure
          name="succeeded"
          value={<TaskCount job={job} count={succeeded} state="succeeded" isLink={isLink} />}
          kind={succeeded > 0 ? "good" : "none"}
        />
        <Figure
          name="failed"
          value={<TaskCount job={job} count={failed} state="failed" isLink={isLink} />}
          kind={failed > 0 ? "bad" : "none"}
        />
        <Figure
          name="pending"
          value={<TaskCount job={job} count={rest} state="open" isLink={isLink} />}
          kind="none"
        />
        <Figure
          name={isPartial ? "read so far" : total === 1 ? "task" : "tasks"}
          value={countText(total)}
          kind="none"
        />
        {speed > 0 && (
          <Figure name="per second" value={shortNumber(Number(speed.toPrecision(2)))} kind="none" />
        )}
        {speed > 0 && rest > 0 && !isPartial && (
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

/** Shows the number of tasks in a state as a link to these tasks. */
function TaskCount({ job, count, state, isLink }: {
  readonly job: Snapshot["job"];
  readonly count: number;
  readonly state: TaskState;
  readonly isLink: boolean;
}) {
  const text = countText(count);
  if (!isLink || count === 0) return <span>{text}</span>;
  return <a href={routeHash({ job: job.id, view: "tasks", filter: { state } })}>{text}</a>;
}

function Figure({ name, value, kind }: {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly kind: "good" | "bad" | "none";
}) {
  return (
    <div class={`figure ${kind}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const LABELS: { readonly [A in SimpleAction]: string } = {
  pause: "Pause",
  continue: "Continue",
  retry: "Retry failed",
  resume: "Resume",
};

/** An action that needs neither a question nor values. */
type SimpleAction = Exclude<Action, "cancel" | "delete" | "set">;

function Actions({ source, job }: { readonly source: DataSource; readonly job: Snapshot["job"] }) {
  const [busy, setBusy] = useState<Action>();
  const [problem, setProblem] = useAnswer(job);
  const act = async (action: Action) => {
    setBusy(action);
    const problem = await source.act(job.id, action);
    setProblem(problem);
    setBusy(undefined);
    // A job that is gone has no address.
    if (action === "delete" && problem === undefined) location.hash = "";
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
      {job.state === "running"
        ? (
          <ConfirmButton
            key="cancel"
            label={busy === "cancel" ? "Cancelling…" : "Cancel"}
            kind="cancel"
            question={`Cancel ${job.name}? Running tasks are ended. Results are kept, and Resume runs the rest.`}
            keep="Keep running"
            disabled={busy !== undefined}
            onConfirm={() => act("cancel")}
          />
        )
        : (
          <ConfirmButton
            key="delete"
            label={busy === "delete" ? "Deleting…" : "Delete"}
            kind="cancel"
            question={`Delete job ${job.id} of ${job.name}? Its journal with all results and logs is removed. Files of results outside .dl_jobs are kept.`}
            keep="Keep the job"
            disabled={busy !== undefined}
            onConfirm={() => act("delete")}
          />
        )}
      {problem && <p role="alert" class="problem">{problem}</p>}
    </div>
  );
}

/** Returns the actions that need no question in a job's current state. */
function actionsOf(
  { state, waits, failed, succeeded, total }: Snapshot["job"],
): SimpleAction[] {
  if (state === "running") return [waits === "paused" ? "continue" : "pause"];
  const isOpen = state !== "succeeded" && succeeded + failed < total;
  const actions: SimpleAction[] = [];
  if (isOpen) actions.push("resume");
  if (failed > 0) actions.push("retry");
  return actions;
}
