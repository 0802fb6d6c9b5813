/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The entry point of the page, which shows the list of jobs and the chosen job.
 *
 * @module
 */

import type { AbsentJob, ListedJob, ReportData, Snapshot } from "../protocol.ts";
import { h, render, useEffect, useRef, useState } from "./deps.ts";
import { JobView } from "./job.tsx";
import { JobList } from "./jobs.tsx";
import { NoJobs } from "./empty.tsx";
import { useMedia } from "./parts.tsx";
import { parseComputed } from "./shown_json.ts";
import { type DataSource, reportSource, SERVER } from "./source.ts";
import { type Go, routeChange, useRoute } from "./use_route.ts";

function App({ source }: { readonly source: DataSource }) {
  const [route, go] = useRoute();
  const isVisible = useVisible(), isWide = useMedia("(min-width: 60rem)");
  // Paper is narrow, and shows the same job.
  const wasWide = useRef(false), main = useRef<HTMLElement>(null);
  wasWide.current ||= isWide;
  const [jobs, setJobs] = useState<readonly ListedJob[]>();
  const [snapshot, setSnapshot] = useState<Snapshot>();
  const [absent, setAbsent] = useState<AbsentJob>();
  const [isConnected, setConnected] = useState(true);
  // On a wide screen, the newest job is shown until the user chooses one.
  const id = route.job || (wasWide.current ? jobs?.[0]?.id : undefined);
  useEffect(() => {
    // Browsers limit the number of connections to a server. A page in the background therefore
    // closes its connection.
    if (!isVisible) return;
    const take = (snapshot: Snapshot) => {
      setAbsent(undefined);
      setSnapshot(snapshot);
    };
    return source.watch(id, {
      jobs: setJobs,
      job: take,
      absent: setAbsent,
      connected: setConnected,
    });
  }, [id, isVisible]);
  // The newest job is shown without its id in the address, until something of it is chosen.
  const goInJob: Go = (change, options) =>
    go((route) => ({ job: id ?? "", ...routeChange(change, route) }), options);
  const reason = absent?.job === id ? absent?.reason : undefined;
  const isShown = source.made || (reason === undefined && snapshot?.job.id === id);
  const shown = isShown ? snapshot : undefined;
  useEffect(() => {
    if (!shown) document.title = "dl_jobs";
  }, [shown === undefined]);
  if (source.made) {
    return (
      <main class="alone">
        {shown && <JobView source={source} snapshot={shown} jobs={[]} route={route} go={goInJob} />}
      </main>
    );
  }
  // The list is updated less often than the chosen job. The newer entry replaces the one in the
  // list.
  const listed = jobs?.map((job) => job.id === shown?.job.id ? shown.job : job);
  return (
    <div class={`layout ${route.job ? "has-job" : jobs?.length === 0 ? "has-none" : ""}`}>
      {shown && (
        <button type="button" class="skip" onClick={() => main.current!.focus()}>
          Skip the list of jobs
        </button>
      )}
      <JobList source={source} jobs={listed} chosen={id} isConnected={isConnected} />
      <main ref={main} tabIndex={-1}>
        {!id && jobs?.length === 0 && <NoJobs />}
        {shown
          ? (
            <JobView
              key={shown.job.id}
              source={source}
              snapshot={shown}
              jobs={listed ?? []}
              route={route}
              go={goInJob}
            />
          )
          : id && <Missing text={reason ?? "Reading the job…"} />}
      </main>
    </div>
  );
}

function Missing({ text }: { readonly text: string }) {
  return (
    <div>
      <a class="back" href="#">All jobs</a>
      <p class="empty">{text}</p>
    </div>
  );
}

function useVisible(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  return isVisible;
}

function findSource(): DataSource {
  const data = document.getElementById("report")?.textContent;
  return data ? reportSource(parseComputed(data) as ReportData) : SERVER;
}

render(<App source={findSource()} />, document.getElementById("app")!);
