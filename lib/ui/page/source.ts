/**
 * Where the page has its data from: a server, or the report that it is a part of.
 *
 * @module
 */

import type { LogLine } from "../../event.ts";
import type { JobRow, Report, Sample, Snapshot, TaskDetails } from "../snapshot.ts";
import type {} from "./deps.ts";

/** What can be done with a job. */
export type Action = "cancel" | "retry" | "resume";

/** Who is told of what comes. */
export interface Listener {
  jobs(rows: readonly JobRow[]): void;
  job(snapshot: Snapshot): void;
  /** Whether anything can come. */
  connected(isConnected: boolean): void;
}

/** Where data comes from. */
export interface Source {
  /** When a report was made; a server has no such time. */
  readonly made?: string;
  /** Tells about all jobs and about one until it is told to end. */
  watch(job: string | undefined, listener: Listener): () => void;
  sample(job: string): Promise<Sample>;
  logs(job: string): Promise<readonly LogLine[]>;
  task(job: string, id: number): Promise<TaskDetails>;
  /** Does something with a job, and gives what went wrong. */
  act(job: string, action: Action): Promise<string | undefined>;
}

/** A server at the page's own address. */
export const SERVER: Source = {
  watch(job, { jobs, job: take, connected }) {
    const stream = new EventSource(job ? `stream?job=${encodeURIComponent(job)}` : "stream");
    const on = <T>(type: string, listen: (data: T) => void) =>
      stream.addEventListener(type, ({ data }) => listen(JSON.parse(data)));
    on<JobRow[]>("jobs", jobs);
    on<Snapshot>("job", take);
    stream.onopen = () => connected(true);
    stream.onerror = () => connected(false);
    return () => stream.close();
  },
  sample: (job) => get(`jobs/${job}/results`),
  logs: (job) => get(`jobs/${job}/logs`),
  task: (job, id) => get(`jobs/${job}/task/${id}`),
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
export function reportSource({ made, snapshot, sample, logs, tasks }: Report): Source {
  return {
    made,
    watch(_job, listener) {
      listener.job(snapshot);
      return () => {};
    },
    sample: () => Promise.resolve(sample),
    logs: () => Promise.resolve(logs),
    task: (_job, id) => Promise.resolve(tasks[id] ?? fromParts(id)),
    act: () => Promise.resolve(undefined),
  };

  /** What the other parts of the report know of a task. */
  function fromParts(id: number): TaskDetails {
    const row = sample.rows.find((row) => row.id === id);
    const { ms } = snapshot.slowest.find((one) => one.id === id) ?? { ms: 0 };
    const events = row
      ? [{ id, attempt: 1, type: "succeeded", ms, result: row.result } as const]
      : [];
    return { id, events, logs: logs.filter((line) => line.id === id) };
  }
}
