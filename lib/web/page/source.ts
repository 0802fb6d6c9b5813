/**
 * Provides the page's data, from a server or from the report that contains the page.
 *
 * @module
 */

import type { LogLine, TaskEvent } from "../../journal/format.ts";
import { logLineText } from "../../journal/log_text.ts";
import type {
  AbsentJob,
  JobDifference,
  ListedJob,
  ReportData,
  Sample,
  Snapshot,
  TaskDetails,
  TaskPage,
  TaskQuery,
} from "../protocol.ts";
import type {} from "./deps.ts";
import { parseComputed, parseShown } from "./shown_json.ts";

/** An action that the user can perform on a job. */
export type Action = "cancel" | "pause" | "continue" | "retry" | "resume" | "set" | "delete";

/** The callbacks that a data source calls for updates. */
export interface JobListener {
  /** Receives the list of jobs. */
  jobs(rows: readonly ListedJob[]): void;
  /** Receives the state of the watched job. */
  job(snapshot: Snapshot): void;
  /** Receives the reason that there is no state of the watched job. */
  absent(job: AbsentJob): void;
  /** Receives the state of the connection. */
  connected(isConnected: boolean): void;
}

/** A source of the page's data: a server or a report. */
export interface DataSource {
  /** The time when the report was created, in ISO 8601 format; absent for a server. */
  readonly made?: string | undefined;
  /**
   * Returns the time of the machine with the jobs, in milliseconds since the Unix epoch: that of its
   * creation in a report.
   */
  now(): number;
  /**
   * Calls a listener when the list of jobs or the watched job changes.
   *
   * @param job the id of the job to watch; `undefined` to watch only the list
   * @returns a function that stops the updates
   */
  watch(job: string | undefined, listener: JobListener): () => void;
  /** Returns a sample of a job's results. */
  sample(job: string): Promise<Sample>;
  /**
   * Returns a part of the list of a job's tasks.
   *
   * @param from the position of the first row
   */
  tasks(job: string, query: TaskQuery, from: number, count: number): Promise<TaskPage>;
  /**
   * Returns the last lines of a job's log.
   *
   * @param text a text that the lines must contain; the empty text for all lines
   */
  logs(job: string, text: string): Promise<readonly LogLine[]>;
  /** Returns another job, and the tasks that ended in another way than those of a job. */
  compare(job: string, other: string): Promise<JobDifference>;
  /** Returns the arguments, events and logs of a task. */
  task(job: string, id: number): Promise<TaskDetails>;
  /** Returns the arguments of tasks by id, as JSON that may be truncated. */
  args(job: string, ids: readonly number[]): Promise<Readonly<Record<number, string>>>;
  /**
   * Performs an action on a job.
   *
   * @param values the values of the action, such as the new values of options. @default {none}
   * @returns the reason if the action failed, or a note about it, if any
   */
  act(
    job: string,
    action: Action,
    values?: Readonly<Record<string, string>>,
  ): Promise<string | undefined>;
}

/** The reason of a request that the server has not received. A server that starts again answers. */
export const NO_ANSWER = "Cannot reach the server: start dl_jobs ui again";

/** The server that the page was loaded from. */
export const SERVER: DataSource = {
  now: () => Date.now() + ahead,
  watch(job, listener) {
    let stream = openStream(job, listener), heard = performance.now();
    const hear = () => heard = performance.now();
    stream.addEventListener("time", hear);
    // A connection that hangs, as after the sleep of a laptop, ends without an error.
    const timer = setInterval(() => {
      if (performance.now() - heard < SILENCE_MS) return;
      listener.connected(false);
      stream.close();
      hear();
      stream = openStream(job, listener);
      stream.addEventListener("time", hear);
    }, SILENCE_MS / 8);
    return () => {
      clearInterval(timer);
      stream.close();
    };
  },
  sample: (job) => get(`jobs/${job}/results`, parseComputed),
  tasks: (job, query, from, count) =>
    get(`jobs/${job}/tasks?from=${from}&count=${count}&${queryText(query)}`),
  logs: (job, text) => get(`jobs/${job}/logs?text=${encodeURIComponent(text)}`, parseShown),
  compare: (job, other) => get(`jobs/${job}/compare?with=${encodeURIComponent(other)}`),
  task: (job, id) => get(`jobs/${job}/task/${id}`, parseShown),
  args: (job, ids) => get(`jobs/${job}/args?${ids.map((id) => `task=${id}`).join("&")}`),
  async act(job, action, values = {}) {
    const path = `jobs/${job}/${action}?${new URLSearchParams(values)}`, answer = post(path);
    if (action === "delete") deletions.set(job, answer);
    const { error, note } = await answer;
    return error ?? note;
  },
};

// The server sends its time every 15 seconds.
const SILENCE_MS = 40_000;

/** The time by which the clock of the server is ahead of this one's, in milliseconds. */
let ahead = 0;

function openStream(
  job: string | undefined,
  { jobs, job: take, absent, connected }: JobListener,
): EventSource {
  const stream = new EventSource(job ? `stream?job=${encodeURIComponent(job)}` : "stream");
  const isOpen = () => stream.readyState !== EventSource.CLOSED;
  const on = <T>(type: string, listen: (data: T) => void) => {
    const hear = lastOf((text) => isOpen() && listen(JSON.parse(text)));
    stream.addEventListener(type, ({ data }) => hear(data));
  };
  let isFirst = true;
  on<number>("time", (time) => {
    const found = time - Date.now();
    // A message that was late says too little.
    ahead = isFirst ? found : Math.max(ahead, found);
    isFirst = false;
  });
  on<ListedJob[]>("jobs", jobs);
  on<Snapshot>("job", take);
  on<AbsentJob>("absent", absent);
  stream.onopen = () => {
    isFirst = true;
    connected(true);
  };
  stream.onerror = () => connected(false);
  return stream;
}

interface ActAnswer {
  readonly error?: string | undefined;
  readonly note?: string | undefined;
}

async function post(path: string): Promise<ActAnswer> {
  try {
    return await (await ask(path, "POST")).json();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/**
 * Sends a request to the server.
 *
 * @throws {Error} when the server cannot be reached, or refuses the request.
 */
async function ask(path: string, method: "GET" | "POST"): Promise<Response> {
  const answer = await fetch(path, { method }).catch(() => {
    throw new Error(NO_ANSWER);
  });
  if (answer.ok) return answer;
  throw new Error(reasonIn(await answer.text()));
}

/** Returns the reason in an answer. A page with an old token receives it as plain text. */
function reasonIn(text: string): string {
  try {
    return JSON.parse(text).error;
  } catch {
    return text.trim();
  }
}

/** The answers to the requests that delete jobs. A job that is gone is not asked for. */
const deletions = new Map<string, Promise<ActAnswer>>();

/**
 * Returns a function that passes on only the last of the texts that arrive at once. Each is a whole
 * state, and a browser that was busy receives many of them in one task.
 *
 * @param listen called in a task of its own
 */
export function lastOf(listen: (text: string) => void): (text: string) => void {
  let last: string | undefined;
  const pass = () => {
    const text = last!;
    last = undefined;
    listen(text);
  };
  return (text) => {
    if (last === undefined) setTimeout(pass);
    last = text;
  };
}

/** Returns the part of a URL that selects tasks. */
export function queryText({ state, text, least, most, order }: TaskQuery): string {
  const limits = [["least", least], ["most", most]].filter(([, ms]) => ms !== 0 && ms !== Infinity);
  const texts = [["state", state], ["text", text], ["order", order]].filter(([, one]) =>
    one !== ""
  );
  return new URLSearchParams([...texts, ...limits] as [string, string][]).toString();
}

async function get<T>(path: string, parse = JSON.parse as (text: string) => unknown): Promise<T> {
  const deletion = await deletions.get(path.split("/")[1]!);
  if (deletion && deletion.error === undefined) throw new Error("The job is deleted");
  return parse(await (await ask(path, "GET")).text()) as T;
}

/** Creates a data source from a report. */
export function reportSource(report: ReportData): DataSource {
  return {
    made: report.made,
    now: () => Date.parse(report.made),
    watch(_job, listener) {
      listener.job(report.snapshot);
      return () => {};
    },
    sample: () => Promise.resolve(report.sample),
    // A report has no list of all tasks, and no other jobs.
    compare: () => Promise.reject(new Error("A report has one job")),
    tasks: () => Promise.resolve({ of: 0, found: 0, from: 0, rows: [] }),
    logs: (_job, text) => Promise.resolve(report.logs.filter((line) => hasText(line, text))),
    task: (_job, id) => Promise.resolve(taskIn(report, id)),
    args: () => Promise.resolve(report.args),
    act: () => Promise.resolve(undefined),
  };
}

function hasText(line: LogLine, text: string): boolean {
  return logLineText(line).toLowerCase().includes(text.toLowerCase());
}

/** Returns those details of a task that the report contains. */
function taskIn({ snapshot, sample, logs, args, slow }: ReportData, id: number): TaskDetails {
  const isOfTask = (item: { readonly id: number }) => item.id === id;
  const known = slow.find(isOfTask);
  if (known) return known;
  const failed = snapshot.failures.groups.flatMap(({ examples }) => examples.filter(isOfTask))
    .map((failure): TaskEvent => ({ ...failure, type: "failed" }));
  // A result with a number of bytes is too long for the report.
  const succeeded = sample.rows.filter((row) => isOfTask(row) && row.bytes === undefined)
    .map(({ attempt = 1, result }): TaskEvent => ({
      id,
      attempt,
      type: "succeeded",
      ms: 0,
      result,
    }));
  return { id, args: args[id], events: [...failed, ...succeeded], logs: logs.filter(isOfTask) };
}
