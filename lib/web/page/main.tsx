/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The page: the list of jobs, and one job.
 *
 * @module
 */

import type { ListedJob, ReportData, Snapshot } from "../protocol.ts";
import { h, render, useEffect, useState } from "./deps.ts";
import { JobView } from "./job.tsx";
import { JobList } from "./jobs.tsx";
import { type DataSource, reportSource, SERVER } from "./source.ts";

function App({ source }: { readonly source: DataSource }) {
  const asked = useHash();
  const isVisible = useVisible();
  const [jobs, setJobs] = useState<readonly ListedJob[]>();
  const [snapshot, setSnapshot] = useState<Snapshot>();
  const [isConnected, setConnected] = useState(true);
  // A wide screen shows the newest job until the user chooses another.
  const id = asked || (isWide() ? jobs?.[0]?.id : undefined);
  useEffect(() => {
    // A browser opens few connections to one server, so a page in the background has none.
    if (!isVisible) return;
    return source.watch(id, { jobs: setJobs, job: setSnapshot, connected: setConnected });
  }, [id, isVisible]);
  const shown = source.made || snapshot?.job.id === id ? snapshot : undefined;
  if (source.made) {
    return <main class="alone">{shown && <JobView source={source} snapshot={shown} />}</main>;
  }
  // The list arrives less often than the one job, so its row is replaced to agree with it.
  const listed = jobs?.map((job) => job.id === shown?.job.id ? shown.job : job);
  return (
    <div class={`layout ${asked ? "has-job" : jobs?.length === 0 ? "has-none" : ""}`}>
      <JobList jobs={listed} chosen={id} isConnected={isConnected} />
      <main>
        {!id && jobs?.length === 0 && (
          <div class="nothing">
            <h1>There are no jobs in this folder yet</h1>
            <p>A job appears here when it starts.</p>
          </div>
        )}
        {shown
          ? <JobView key={shown.job.id} source={source} snapshot={shown} />
          : id && <Missing exists={!jobs || jobs.some((job) => job.id === id)} />}
      </main>
    </div>
  );
}

function Missing({ exists }: { readonly exists: boolean }) {
  const text = exists ? "Reading the job…" : "There is no such job in this folder any more.";
  return (
    <div>
      <a class="back" href="#">All jobs</a>
      <p class="empty">{text}</p>
    </div>
  );
}

function isWide(): boolean {
  return matchMedia("(min-width: 60rem)").matches;
}

/** Returns the fragment of the URL, the id of the chosen job. */
function useHash(): string {
  const read = () => location.hash.slice(1);
  const [hash, setHash] = useState(read);
  useEffect(() => {
    const changed = () => setHash(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash;
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
  return data ? reportSource(JSON.parse(data) as ReportData) : SERVER;
}

render(<App source={findSource()} />, document.getElementById("app")!);
