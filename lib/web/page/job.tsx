/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * One job, from a server or a report, in the view that the address names.
 *
 * @module
 */

import type { ListedJob, Snapshot } from "../protocol.ts";
import { CompareView } from "./compare.tsx";
import { h, useEffect } from "./deps.ts";
import { titleText } from "./format.ts";
import { JobHead } from "./job_head.tsx";
import { LogCard } from "./logs.tsx";
import { Overview } from "./overview.tsx";
import { useNow } from "./parts.tsx";
import { ResultCard } from "./results.tsx";
import { type Route, routeHash, type View, VIEWS } from "./route.ts";
import type { DataSource } from "./source.ts";
import { TaskDialog } from "./task.tsx";
import { TaskView } from "./tasks.tsx";
import type { Go } from "./use_route.ts";

interface JobProps {
  readonly source: DataSource;
  readonly snapshot: Snapshot;
  /** The other jobs, which the job can be compared with. */
  readonly jobs: readonly ListedJob[];
  readonly route: Route;
  readonly go: Go;
}

/** Shows the head of a job, links to its views, and one of them. */
export function JobView(props: JobProps) {
  const { source, snapshot, route: { task }, go } = props, { job } = snapshot;
  const now = useNow(source, job.state === "running" ? 1000 : 0);
  const title = titleText(job);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <article class="job">
      <JobHead source={source} snapshot={snapshot} now={now} />
      <ViewLinks {...props} />
      <Shown {...props} now={now} />
      {task !== undefined && (
        <TaskDialog
          key={task}
          source={source}
          snapshot={snapshot}
          id={task}
          onClose={() => go({ task: undefined })}
        />
      )}
    </article>
  );
}

function ViewLinks({ source, snapshot: { job }, route: { view } }: JobProps) {
  return (
    <nav class="views" aria-label="Views of the job">
      {viewsOf(source).map((one) => (
        <a
          key={one}
          href={routeHash({ job: job.id, view: one, filter: {} })}
          aria-current={one === view ? "page" : undefined}
        >
          {one}
        </a>
      ))}
    </nav>
  );
}

/** Returns the views with data. A report has no list of all tasks, and no other jobs. */
function viewsOf({ made }: DataSource): readonly View[] {
  return made ? VIEWS.filter((view) => view !== "tasks" && view !== "compare") : VIEWS;
}

function Shown({ source, snapshot, jobs, route: { view, filter }, go, now }: JobProps & {
  readonly now: number;
}) {
  const onOpen = (task: number) => go({ task });
  const change = (name: string, value: string) =>
    go(({ filter }) => ({ filter: { ...filter, [name]: value } }), { isReplacing: true });
  switch (view) {
    case "overview":
      return <Overview source={source} snapshot={snapshot} now={now} onOpen={onOpen} />;
    case "tasks":
      return (
        <TaskView
          source={source}
          snapshot={snapshot}
          filter={filter}
          onFilter={change}
          onOpen={onOpen}
        />
      );
    case "results":
      return (
        <ResultCard
          source={source}
          snapshot={snapshot}
          filter={filter}
          onFilter={change}
          onOpen={onOpen}
        />
      );
    case "logs":
      return (
        <LogCard
          source={source}
          snapshot={snapshot}
          text={filter.text ?? ""}
          onText={(text) => change("text", text)}
          onOpen={onOpen}
        />
      );
    case "compare":
      return (
        <CompareView
          source={source}
          snapshot={snapshot}
          jobs={jobs}
          other={filter.with ?? ""}
          onChange={(other) => change("with", other)}
        />
      );
  }
}
