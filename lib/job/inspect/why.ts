/**
 * The history of a task in sentences.
 *
 * @module
 */

import { jobFiles } from "../../job_dir/layout.ts";
import { parseSpan } from "../../job_dir/log_lines.ts";
import type { JobRecord } from "../../job_dir/record.ts";
import type { Span, TaskEvent } from "../../journal/format.ts";
import { spansWithin } from "./attempt_spans.ts";
import { typePrefix } from "../report/format.ts";
import { readJournal } from "../../journal/reader.ts";
import { scanEvents, toEvent } from "../../journal/scan.ts";
import { parsePolicy } from "../../tasks/retry.ts";
import { formatDuration, zonedTime } from "../../util/time/duration.ts";
import { GrowingFile } from "../../util/files/growing_file.ts";
import { counted } from "../../util/text/counted.ts";

/** The end of an attempt that succeeded. */
type Success = Pick<TaskEvent, "id" | "attempt"> & {
  readonly type: "succeeded";
  readonly ms?: number | undefined;
};

/** The history of a task. */
interface TaskHistory {
  /** The place of the task in the file of its list, such as `cities.csv:10`. @default {unknown} */
  readonly place?: string | undefined;
  /** One sentence an event. */
  readonly sentences: readonly string[];
}

/** An event of a task. */
type Step = Exclude<TaskEvent, { type: "succeeded" }> | Success;

/**
 * Returns the history of a task. Its place is known after a failure.
 *
 * @param folder the job's folder
 * @param id the task's position in the list, from 0
 * @param isRunning true while a process runs the job
 */
export async function taskHistory(
  folder: string,
  record: JobRecord,
  id: number,
  isRunning: boolean,
): Promise<TaskHistory> {
  const steps = await stepsOf(folder, record, id), where = placeFinder(spansOf(folder, id));
  const begin = `Job ${record.id} started ${timeOf(Date.parse(record.started))} on ` +
    `${engineOf(record)}.`;
  const sentences = steps.map((step) => sentenceOf(step, record, where));
  const place = steps.map((step) => "place" in step ? step.place : undefined).find(Boolean);
  return { place, sentences: [begin, ...sentences, ...restOf(steps, record, isRunning)] };
}

function engineOf({ engine, engines }: JobRecord): string {
  return engines?.map(({ name }) => name).join(", then ") ?? engine;
}

async function stepsOf(folder: string, record: JobRecord, id: number): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const chunk of readJournal(jobFiles(folder).events, record.id)) {
    scanEvents(chunk, {
      block({ id: first, count }) {
        if (id >= first && id < first + count) steps.push({ id, attempt: 1, type: "succeeded" });
      },
      success(found, start, _result, end) {
        if (found === id) steps.push(successAt(chunk, start, end));
      },
      other(start, end) {
        const event = toEvent(chunk, start, end);
        if (event?.id === id && event.type !== "succeeded") steps.push(event);
      },
    });
  }
  return steps;
}

function successAt(chunk: Uint8Array, start: number, end: number): Success {
  const { id, attempt = 1, ms } = JSON.parse(new TextDecoder().decode(chunk.subarray(start, end)));
  return { id, attempt, ms, type: "succeeded" };
}

/** Returns the periods in which a worker ran only this task. */
function spansOf(folder: string, id: number): Span[] {
  const lines = Array.from(new GrowingFile(jobFiles(folder).spans).lines());
  return lines.flatMap(parseSpan).filter((span) => span.id === id && span.count === 1);
}

/**
 * Returns a function that names the worker and the time of an attempt. The journal does not name
 * them, so only a period that cannot be that of another attempt is used.
 */
function placeFinder(spans: readonly Span[]): (step: Step) => string {
  const ordered = spans.toSorted((a, b) => a.from - b.from);
  let before = 0;
  return (step) => {
    const end = step.type === "failed" || step.type === "retried" ? step.at ?? before : Infinity;
    const [span, other] = spansWithin(ordered, before, end);
    before = end;
    if (!span || other) return "";
    return ` on worker ${span.worker}, from ${timeOf(span.from)},`;
  };
}

function sentenceOf(step: Step, record: JobRecord, where: (step: Step) => string): string {
  const { attempt } = step;
  if (step.type === "queued") return "dl_jobs retry put it into the queue again.";
  if (step.type === "lost") {
    return `The engine lost attempt ${attempt}: ${step.error.message}. The task was not charged.`;
  }
  // The time of an attempt whose worker died is unknown, and recorded as 0.
  const took = step.ms ? ` after ${formatDuration(step.ms)}` : "", place = where(step);
  if (step.type === "succeeded") return `Attempt ${attempt}${place} succeeded${took}.`;
  const { error, at } = step, time = at === undefined ? "" : `, ${timeOf(at)}`;
  const failure = `Attempt ${attempt}${place || hostText(step)} failed${took}${time}: ` +
    `${errorText(error)}.`;
  return `${failure} ${nextText(step, record)}`;
}

/** Names the machine, where the worker is unknown. */
function hostText({ host }: Failure): string {
  return host === undefined ? "" : ` on ${host}`;
}

function errorText({ type, message, class: kind }: Failure["error"]): string {
  const name = typePrefix(type, message);
  const first = message.split("\n")[0]!;
  return `${name}${first.replace(/\.$/, "")}${kind === "error" ? "" : ` (${kind})`}`;
}

type Failure = Extract<TaskEvent, { type: "retried" | "failed" }>;

/** Explains why another attempt followed, or none. */
function nextText({ type, attempt, error }: Failure, { options }: JobRecord): string {
  const { attempts } = parsePolicy(options.retry, options.maxAttempts)[error.class];
  const most = `${counted(attempts, "attempt")} after "${error.class}"`;
  if (type === "retried") return `It ran again, because the job allows ${most}.`;
  if (error.class === "invalid") {
    return "It did not run again, because its element would be the same.";
  }
  if (attempt < attempts) return "It did not run again.";
  return `It did not run again, because the job allows ${most}.`;
}

function restOf(steps: readonly Step[], { id, state }: JobRecord, isRunning: boolean): string[] {
  const last = steps.at(-1)?.type;
  if (last === "succeeded" || last === "failed") return [];
  if (isRunning) return ["It has not ended: it runs, or waits for a worker."];
  const reason = state === "canceled" ? "canceled" : "interrupted";
  return [`The job was ${reason} before the task ended: dl_jobs resume ${id} runs it.`];
}

function timeOf(ms: number): string {
  return zonedTime(new Date(ms));
}
