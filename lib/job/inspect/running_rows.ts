/**
 * The running tasks of a job, as rows for a user.
 *
 * @module
 */

import { ListLines } from "../../job_dir/list_lines.ts";
import { readRecord } from "../../job_dir/record.ts";
import { type ActiveProcess, type ActiveTask, readRunning } from "../../job_dir/running_tasks.ts";
import type { TaskProgress } from "../../journal/task_update.ts";
import type { Table } from "../../terminal/table.ts";
import { taskProgressText } from "../../terminal/progress_line.ts";
import { cutText } from "../../terminal/text_width.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { sizeText } from "../../util/text/size_text.ts";

/** A running task, with its worker. */
export interface RunningRow extends ActiveTask, Omit<ActiveProcess, "tasks"> {
  /** The beginning of the task's arguments, as JSON. */
  readonly args: string;
  /** The progress that the task has reported. @default {none} */
  readonly progress?: Pick<TaskProgress, "id" | "fraction" | "text"> | undefined;
}

/** The running tasks of a job. */
export interface RunningRows {
  /** The time of the observation, in milliseconds since 1970. */
  readonly at: number;
  /** The duration that half of the tasks did not exceed, in milliseconds. @default {unknown} */
  readonly median?: number | undefined;
  /** The tasks, the oldest first. */
  readonly tasks: readonly RunningRow[];
}

const MOST_LETTERS = 60;

/**
 * Reads the running tasks of a job.
 *
 * @param folder the folder of the job
 * @param progress the progress of its tasks
 * @returns `undefined` when no task runs for longer than a second
 */
export async function runningRows(
  folder: string,
  progress: readonly TaskProgress[],
): Promise<RunningRows | undefined> {
  const running = readRunning(folder);
  if (!running) return undefined;
  const { at, median, workers } = running, known = new Map(progress.map((one) => [one.id, one]));
  using lines = await ListLines.open(folder, readRecord(folder));
  const argsOf = (id: number) => cutText(lines.at(id) ?? "", MOST_LETTERS);
  const tasks = workers.flatMap(({ tasks, ...worker }) =>
    tasks.map((task) => ({
      ...task,
      ...worker,
      args: argsOf(task.id),
      progress: known.get(task.id),
    }))
  );
  return { at, median, tasks: tasks.toSorted((a, b) => a.since - b.since) };
}

/** Formats running tasks as a table. */
export function runningTable({ at, median, tasks }: RunningRows): Table {
  const usual = median === undefined ? "" : formatDuration(median);
  const rows = tasks.map((task) => [
    taskText(task),
    formatDuration(Math.max(0, at - task.since)),
    usual,
    task.pid === undefined ? task.worker : `${task.worker} (pid ${task.pid})`,
    task.memory === undefined ? "" : sizeText(task.memory),
    task.cpu === undefined ? "" : formatDuration(task.cpu),
    progressText(task),
    task.args,
  ]);
  return { head: ["task", "for", "usually", "worker", "memory", "cpu", "progress", "args"], rows };
}

function taskText({ id, attempt, among }: RunningRow): string {
  const tried = attempt > 1 ? `, attempt ${attempt}` : "";
  return among === undefined ? `${id}${tried}` : `${id}, or one of ${among - 1} after it`;
}

function progressText({ progress }: RunningRow): string {
  return progress ? taskProgressText(progress).replace(/^task \d+ (?:at )?/, "") : "";
}
