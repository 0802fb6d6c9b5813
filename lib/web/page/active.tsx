/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The tasks that run now, with their progress, and the memory of their workers.
 *
 * @module
 */

import { sizeText } from "../../util/text/size_text.ts";
import type { Snapshot } from "../protocol.ts";
import { h } from "./deps.ts";
import { durationText, shownOutput } from "./format.ts";
import { Card, TaskLink, useFetched } from "./parts.tsx";
import type { DataSource } from "./source.ts";

// A snapshot of thousands of workers would hide the rest of the page.
const MOST = 50;
// A task that runs this much longer than the usual ones is marked.
const LONG = 3;

interface Row {
  readonly id: number;
  readonly worker?: string | undefined;
  /** The time since the start of the attempt, in milliseconds. */
  readonly ms?: number | undefined;
  readonly memory?: number | undefined;
  readonly cpu?: number | undefined;
  readonly progress?: Snapshot["running"][number] | undefined;
}

/** Shows running tasks: those that run for longer than a second, and those that report progress. */
export function RunningCard({ source, snapshot, now, onOpen }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly now: number;
  readonly onOpen: (id: number) => void;
}) {
  const all = rowsOf(snapshot, now), rows = all.slice(0, MOST);
  const ids = rows.map(({ id }) => id);
  const args = useFetched(() => source.args(snapshot.job.id, ids), "", ids.join());
  if (rows.length === 0) return null;
  const usual = snapshot.active?.median;
  const note = usual === undefined ? "" : `usually ${durationText(usual)}`;
  return (
    <Card title="Running tasks" wide note={note}>
      <div class="table" tabIndex={0} role="region" aria-label="Table of running tasks">
        <table>
          <thead>
            <tr>
              {["task", "running for", "progress", "worker", "memory", "CPU time", "arguments"]
                .map((name) => <th key={name} scope="col">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <RunningRow
                key={row.id}
                row={row}
                args={args?.[row.id]}
                usual={usual}
                onOpen={onOpen}
              />
            ))}
          </tbody>
        </table>
      </div>
      {all.length > rows.length && <p class="note">and {all.length - rows.length} more</p>}
    </Card>
  );
}

function RunningRow({ row: { id, ms, worker, memory, cpu, progress }, args, usual, onOpen }: {
  readonly row: Row;
  readonly args: string | undefined;
  readonly usual: number | undefined;
  readonly onOpen: (id: number) => void;
}) {
  const isLong = ms !== undefined && usual !== undefined && ms > LONG * usual;
  return (
    <tr>
      <th scope="row">
        <TaskLink id={id} onOpen={onOpen} />
      </th>
      <td class={isLong ? "warn" : ""}>{ms !== undefined && durationText(ms)}</td>
      <td>
        {progress && (
          <span>
            <progress value={progress.fraction} aria-label={`Progress of task ${id}`} />
            {` ${Math.floor(progress.fraction * 100)} % ${shownOutput(progress.text ?? "")}`}
          </span>
        )}
      </td>
      <td>{worker}</td>
      <td>{memory !== undefined && sizeText(memory)}</td>
      <td>{cpu !== undefined && durationText(cpu)}</td>
      <td class="mono">{shownOutput(args ?? "")}</td>
    </tr>
  );
}

/** Joins what is known of running tasks, those that have run longest first. */
function rowsOf({ active, running }: Snapshot, now: number): Row[] {
  const reported = new Map(running.map((one) => [one.id, one]));
  const known = (active?.workers ?? []).flatMap(({ worker, memory, cpu, tasks }) =>
    tasks.map(({ id, since }): Row => ({
      id,
      worker,
      ms: Math.max(0, now - since),
      memory,
      cpu,
      progress: reported.get(id),
    }))
  ).sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0));
  const ids = new Set(known.map(({ id }) => id));
  const others = running.filter(({ id }) => !ids.has(id));
  return [...known, ...others.map((progress): Row => ({ id: progress.id, progress }))];
}
