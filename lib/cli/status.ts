/**
 * The `status` command: shows the state of a job.
 *
 * @module
 */

import { checkListIfChanged, inspectIfChanged } from "../job_dir/files_at_end.ts";
import { damageText, type FileDamage } from "../job_dir/health.ts";
import { jobIdOf } from "../job_dir/layout.ts";
import type { Holder } from "../job_dir/lock.ts";
import {
  type EngineRecord,
  hasEnded,
  interpreterText,
  type JobRecord,
  readRecord,
} from "../job_dir/record.ts";
import type { ReduceRecord } from "../job_dir/reduce_state.ts";
import { commonErrorText, partText, titledRows } from "../job/report/format.ts";
import { codeText, codeVersion, TopErrors, workTime } from "../job/inspect/job_facts.ts";
import { setupText } from "../job/report/setup_times.ts";
import { checkText } from "../job/options/check_options.ts";
import { cutsText } from "../tasks/cuts/cuts.ts";
import { stateText } from "../job_dir/job_wait.ts";
import { type JobState, readState } from "../job_dir/state.ts";
import { totalText } from "../job_dir/task_total.ts";
import type { TaskProgress } from "../journal/task_update.ts";
import { taskProgressText } from "../terminal/progress_line.ts";
import { type RunningRows, runningRows, runningTable } from "../job/inspect/running_rows.ts";
import { terminalColumns, terminalRows } from "../terminal/screen.ts";
import { textRows, textTable } from "../terminal/text_table.ts";
import { firstRows } from "../terminal/text_width.ts";
import { delay } from "../util/time/delay.ts";
import { nextSteps } from "../job/report/next_steps.ts";
import { formatDuration, formatTime, zonedTime } from "../util/time/duration.ts";
import { isEmptyFile } from "../util/files/fs.ts";
import { shownPath } from "../util/paths.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { printJson } from "./json_output.ts";
import type { RunningTaskJson, StatusJson } from "./json_types.ts";
import { forStdout, forWholeRows, JOB_NAMES, jobOf, JSON_FLAG, printLayout } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs status`. */
export const statusCommand: Command = {
  name: "status",
  usage: "status [JOB] [options]",
  doc: `${SUMMARIES.status} ${JOB_NAMES}`,
  examples: ["dl_jobs status", "dl_jobs status --watch", "dl_jobs status last --json"],
  options: [
    {
      name: "watch",
      short: "w",
      type: "boolean",
      default: false,
      doc: "Show the state again every second, until the job has ended.",
    },
    JSON_FLAG,
  ],
  run: runStatus,
};

async function runStatus(call: Call): Promise<number> {
  const folder = jobOf(call), { json, watch } = call.flags, errors = new TopErrors();
  for (let isLast = false; !isLast;) {
    const status = await readStatus(folder, errors);
    isLast = !watch || status.state !== "running";
    if (json) await printJson<StatusJson>(status);
    else await printLayout(screenOf(statusText(status, readRecord(folder)), { watch, isLast }));
    if (!isLast) await delay(WATCH_MS);
  }
  return EXIT.done.status;
}

/** Returns the text of a state as it is written; while it is watched, in place of the last one. */
function screenOf(text: string, { watch, isLast }: { watch: unknown; isLast: boolean }): string {
  const before = watch && Deno.stdout.isTerminal() ? CLEAR : "";
  if (isLast) return `${before}${text}\n`;
  // A longer text would scroll, and hide its first lines.
  const shown = before && firstRows(text, terminalRows() - 2, terminalColumns());
  return `${before}${shown || text}\n\n`;
}

const WATCH_MS = 1000;
// Moves to the first line, and clears the screen below it.
const CLEAR = "\x1b[H\x1b[J";

async function readStatus(folder: string, errors: TopErrors): Promise<StatusJson> {
  const record = readRecord(folder);
  const journal = inspectIfChanged(folder, record);
  const found = readState(folder, record, journal);
  const isRunning = found.state === "running";
  const rest = isRunning ? undefined : lostRest(record);
  const { name, engine, engines, started, ended, files, cuts, elements } = record;
  const { check, reduce, setup } = record;
  const { counts = found.counts } = journal.damage ?? {};
  const damage = await damageOf(folder, record, journal.damage);
  const place = OPEN.includes(found.state) ? await describePlace(engine, folder) : [];
  const mayShowTasks = isRunning || found.state === "interrupted";
  const running = mayShowTasks ? await runningRows(folder, journal.states.progress) : undefined;
  const known = isRunning ? journal.states : undefined;
  const progress = isRunning ? journal.states.progress.map(withoutType) : [];
  return {
    // The commands to type are about this folder, also when it is a copy of another job.
    id: jobIdOf(folder),
    name,
    engine,
    engines,
    started,
    ended,
    ...found,
    counts,
    ms: workTime(record, found.holder),
    code: codeVersion(record),
    errors: counts.failed > 0 ? await errors.of(folder, record, known) : undefined,
    list: await listText(record),
    cut: cuts && { flags: cutsText(cuts), elements },
    check,
    reduce: reduce && reduceText(reduce),
    running,
    isPaused: found.holder === undefined && hasEnded(record) ? undefined : record.isPaused,
    progress: progress.length > 0 ? progress : undefined,
    setup,
    rest,
    damage,
    place,
    folder,
    files,
    python: interpreterText(record),
  };
}

function reduceText({ name, by }: ReduceRecord): string {
  return by === undefined ? name : `${name} by ${by}`;
}

/** Formats a status as rows. Omits empty rows. */
function statusText(status: StatusJson, record: JobRecord): string {
  const { id, engine, state, waits, holder, counts, files: { results, errors } } = status;
  const steps = status.damage ? [`dl_jobs resume ${id}`] : stepsOf(status, record);
  const rows: [title: string, text: string][] = [
    ["job", id],
    ["name", status.name],
    ["engine", engine],
    ["moved", status.engines?.map(engineText).join(", ") ?? ""],
    ["python", status.python ?? ""],
    [
      "state",
      status.isPaused ? `${state}, paused: dl_jobs continue ${id}` : stateText(state, waits),
    ],
    ["holder", holder ? holderText(holder) : ""],
    ...titledRows(engine, status.place),
    ["tasks", countsText(status)],
    ["list", status.list ?? ""],
    ["cut", status.cut ? partText(counts.total, status.cut) : ""],
    ["check", status.check ? checkText(status.check) : ""],
    ["reduce", status.reduce ?? ""],
    ...progressRows(status.running ? [] : status.progress ?? []),
    ["setup", setupText(status.setup)],
    ...titledRows("failed", (status.errors ?? []).map(commonErrorText)),
    ["code", codeText(status.code)],
    ["started", timeText(status.started)],
    ["ended", timeText(status.ended)],
    ["took", status.ms === undefined ? "" : formatDuration(status.ms)],
    ["results", results === undefined ? "" : shownPath(results)],
    ["errors", errors === undefined || isEmptyFile(errors) ? "" : shownPath(errors)],
    ["folder", status.folder],
    ["note", status.rest ?? ""],
    ["damage", status.damage ?? ""],
    ...titledRows("next", steps),
  ];
  const text = textRows(rows.filter(([, text]) => text !== ""), forWholeRows());
  return status.running ? `${text}\n\n${runningText(status.running, state)}` : text;
}

function runningText(running: RunningRows, state: JobState): string {
  const { at, tasks } = running, shown = { ...running, tasks: tasks.slice(0, MOST_SHOWN) };
  const when = formatTime(new Date(at));
  const head = state === "running" ? `running tasks, as of ${when}` : `tasks that ran at ${when}`;
  const more = tasks.length > MOST_SHOWN ? `\n${tasks.length - MOST_SHOWN} more` : "";
  return `${head}\n${textTable(runningTable(shown), forStdout())}${more}`;
}

const MOST_SHOWN = 50;

function engineText({ name, since }: EngineRecord): string {
  return `${name} since ${timeText(since)}`;
}

function timeText(time: string | undefined): string {
  return time === undefined ? "" : zonedTime(new Date(time));
}

async function listText({ source }: JobRecord): Promise<string | undefined> {
  if (source.kind !== "parameters") return undefined;
  return (await import("../job/inspect/parameters_text.ts")).parametersText(source);
}

function withoutType({ type: _type, ...progress }: TaskProgress): RunningTaskJson {
  return progress;
}

/** Formats the progress of running tasks, at most of {@linkcode MOST_TASKS}. */
function progressRows(all: readonly RunningTaskJson[]): [title: string, text: string][] {
  const shown = all.toSorted((a, b) => a.id - b.id).slice(0, MOST_TASKS).map(taskProgressText);
  const texts = all.length > MOST_TASKS ? [...shown, `${all.length - MOST_TASKS} more`] : shown;
  return titledRows("running", texts);
}

const MOST_TASKS = 10;

/** Describes the damage of a job's journal and list; `undefined` when both are sound. */
async function damageOf(
  folder: string,
  record: JobRecord,
  journal: FileDamage | undefined,
): Promise<string | undefined> {
  const found = [journal, await checkListIfChanged(folder, record)].filter((one) =>
    one !== undefined
  );
  return found.map(damageText).join("; ") || undefined;
}

/** The states in which the engine may report details of a job. */
const OPEN: readonly JobState[] = ["running", "interrupted", "canceled"];

/** Returns the engine's details about the job, in lines such as `3 platform jobs pending`. */
async function describePlace(engine: JobRecord["engine"], folder: string): Promise<string[]> {
  const { loadEngine } = await import("../engines/mod.ts");
  return await (await loadEngine(engine)).describe?.(folder) ?? [];
}

function holderText({ pid, host, since }: Holder): string {
  const where = host === Deno.hostname() ? "" : ` on ${host}`;
  return `process ${pid}${where}, since ${timeText(since)}`;
}

function countsText({ counts, isPartial, damage }: StatusJson): string {
  const { total, succeeded, failed } = counts, rest = total - succeeded - failed;
  const pending = damage ? "damaged or pending" : "pending", all = totalText({ total, isPartial });
  return `${all}: ${succeeded} succeeded, ${failed} failed, ${rest} ${pending}`;
}

/**
 * Returns a note when the list was a stream that was not read to its end. The rest of such a stream
 * is lost.
 */
function lostRest({ isRead, source }: JobRecord): string | undefined {
  return isRead || source.kind !== "stream"
    ? undefined
    : "the rest of its input is gone: only the tasks that were read can run";
}

/** Returns the steps to suggest. */
function stepsOf({ id, state, counts, errors }: StatusJson, record: JobRecord): string[] {
  if (state === "running") return [`dl_jobs cancel ${id}`];
  if (state === "succeeded") return [`dl_jobs results ${id}`];
  const { failed, invalid } = counts;
  const isOpen = state !== "failed" || failed === 0;
  return nextSteps({ ...record, id }, { failed, invalid, isOpen, errors });
}
