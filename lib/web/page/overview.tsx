/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The first view of a job: its failures, its running tasks and its charts.
 *
 * @module
 */

import type { Snapshot } from "../protocol.ts";
import { RunningCard } from "./active.tsx";
import { h, useState } from "./deps.ts";
import { FailureList } from "./failures.tsx";
import { durationText, plural } from "./format.ts";
import { Histogram } from "./histogram.tsx";
import { Card, TaskLink } from "./parts.tsx";
import type { DataSource } from "./source.ts";
import { RateChart } from "./rate.tsx";
import { ResourceCards } from "./resources.tsx";
import type { Zoom } from "./time_axis.ts";
import { TimelineChart } from "./timeline.tsx";

// When every task takes less than this number of milliseconds, the list of the slowest tasks is
// mostly noise.
const SLOW_MS = 10;

/** Shows the failures of a job, its running tasks, and its charts over time. */
export function Overview({ source, snapshot, now, onOpen }: {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  readonly now: number;
  readonly onOpen: (id: number) => void;
}) {
  const { job, failures, timeline } = snapshot;
  const [zoom, setZoom] = useState<Zoom>();
  const isRunning = job.state === "running";
  const time = { snapshot, now: isRunning ? now : undefined, zoom, onZoom: setZoom };
  return (
    <div class="job">
      {failures.groups.length > 0 && (
        <FailureList
          source={source}
          failures={failures}
          job={job.id}
          canRetry={!source.made && !isRunning}
          onOpen={onOpen}
        />
      )}
      {isRunning && <RunningCard source={source} snapshot={snapshot} now={now} onOpen={onOpen} />}
      <div class="cards">
        <Card title="Tasks per second" note={zoom && <Unzoom onClick={() => setZoom(undefined)} />}>
          <RateChart {...time} />
        </Card>
        <TimesCard snapshot={snapshot} onOpen={onOpen} />
        <ResourceCards {...time} />
        <Card title="Workers" wide note={earlierText(timeline.earlier)}>
          <TimelineChart {...time} onOpen={onOpen} />
        </Card>
      </div>
    </div>
  );
}

/** Shows the histogram of task durations, and links to the slowest tasks. */
function TimesCard({ snapshot: { slowest, times, retried }, onOpen }: {
  readonly snapshot: Snapshot;
  readonly onOpen: (id: number) => void;
}) {
  return (
    <Card
      title="Task times"
      note={retried > 0 ? `${plural(retried, "failed attempt")} retried` : ""}
    >
      <Histogram times={times} longest={slowest[0]?.ms} />
      {slowest[0] && slowest[0].ms >= SLOW_MS && (
        <ul class="note slowest">
          <li>Slowest:</li>
          {slowest.slice(0, 5).map(({ id, ms }) => (
            <li key={id}>
              <TaskLink id={id} onOpen={onOpen} /> {durationText(ms)}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Unzoom({ onClick }: { readonly onClick: () => void }) {
  return <button type="button" class="link" onClick={onClick}>Show all</button>;
}

function earlierText(earlier: number): string {
  return earlier > 0 ? "since the last resume; earlier runs are not shown" : "";
}
