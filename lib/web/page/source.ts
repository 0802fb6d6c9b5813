/**
 * Where the page has its data from: a server, or the report that it is a part of.
 *
 * @module
 */

import type { LogLine, TaskEvent } from "../../journal/format.ts";
import type { ListedJob, ReportData, Sample, Snapshot, TaskDetails } from "../protocol.ts";
import type {} from "./deps.ts";

/** What can be done with a job. */
export type Action = "cancel" | "retry" | "resume";

/** Who is told of what comes. */
export interface JobListener {
  jobs(rows: readonly ListedJob[]): void;
  job(snapshot: Snapshot): void;
  /** Whether anything can come. */
  connected(isConnected: boolean): void;
}

/** Where data comes from. */
export interface DataSource {
  /** When a report was made; a server has no such time. */
  readonly made?: string;
  /** Tells about all jobs and about one until it is told to end. */
  watch(job: string | undefined, listener: JobListener): () => void;
  sample(job: string): Promise<Sample>;
  logs(job: string): Promise<readonly LogLine[]>;
  task(job: string, id: number): Promise<TaskDetails>;
  /** The arguments of some tasks, as JSON that may be cut off. */
  args(job: string, ids: readonly number[]): Promise<Readonly<Record<number, string>>>;
  /** Does something with a job, and gives what went wrong. */
  act(job: string, action: Action): Promise<string | undefined>;
}

/** A server at the page's own address. */
export const SERVER: DataSource = {
  watch(job, { jobs, job: take, connected }) {
    const stream = new EventSource(job ? `stream?job=${encodeURIComponent(job)}` : "stream");
    const on = <T>(type: string, listen: (data: T) => void) =>
      stream.addEventListener(type, ({ data }) => listen(JSON.parse(data)));
    on<ListedJob[]>("jobs", jobs);
    on<Snapshot>("job", take);
    stream.onopen = () => connected(true);
    stream.onerror = () => connected(false);
    return () => stream.close();
  },
  sample: (job) => get(`jobs/${job}/results`),
  logs: (job) => get(`jobs/${job}/logs`),
  task: (job, id) => get(`jobs/${job}/task/${id}`),
  args: (job, ids) => get(`jobs/${job}/args?${ids.map((id) => `task=${id}`).join("&")}`),
  async act(job, action) {
    try {
      const answer = await fetch(`jobs/${job}/${action}`, { method: "POST" });
      return answer.ok ? undefined : (await answer.json()).error;
    } catch {
      return "The server is gone: start dl_jobs ui again";
    }
  },
};

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.json()).error);
  return await answer.json();
}

/** What stands in the report itself. */
export function reportSource(report: ReportData): DataSource {
  return {
    made: report.made,
    watch(_job, listener) {
      listener.job(report.snapshot);
      return () => {};
    },
    sample: () => Promise.resolve(report.sample),
    logs: () => Promise.resolve(report.logs),
    task: (_job, id) => Promise.resolve(taskIn(report, id)),
    args: () => Promise.resolve(report.args),
    act: () => Promise.resolve(undefined),
  };
}

/** What the parts of a report know of a task. */
function taskIn({ snapshot, sample, logs, args }: ReportData, id: number): TaskDetails {
  const has = (one: { readonly id: number }) => one.id === id;
  const failures = snapshot.failures.groups.flatMap(({ examples }) => examples).filter(has);
  const failed = failures.map((one): TaskEvent => ({ ...one, type: "failed" }));
  const ms = snapshot.slowest.find(has)?.ms ?? 0;
  const succeeded = sample.rows.filter(has)
    .map(({ result }): TaskEvent => ({ id, attempt: 1, type: "succeeded", ms, result }));
  const known = args[id] === undefined ? {} : { args: args[id] };
  return { id, ...known, events: [...failed, ...succeeded], logs: logs.filter(has) };
}
