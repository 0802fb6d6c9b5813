/**
 * The commands `resume`, which runs the pending tasks of a job, and `retry`, which also runs the
 * failed tasks.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import { checkJournal } from "../job_dir/health.ts";
import { hasEnded, type JobRecord, readRecord } from "../job_dir/record.ts";
import type { CodeChoice } from "../job/program/code_choice.ts";
import type { RetryFilter } from "../job/plan/plan.ts";
import type { NewLimit } from "../job/resume/recut.ts";
import type { Summary } from "../job/report/summary.ts";
import { exists } from "../util/files/fs.ts";
import { counted } from "../util/text/counted.ts";
import { matchesError, toErrorPattern } from "../journal/error_pattern.ts";
import { UsageError } from "../util/errors.ts";
import type { Call, Command } from "./command.ts";
import { CODE_FLAG, ENV_FLAGS, givenEnv, PYTHON_FLAG } from "./rerun_flags.ts";
import { EXIT } from "./exit_status.ts";
import { setMessageForm } from "./message_form.ts";
import { MOVE_FLAGS, moveOf } from "./move_flags.ts";
import { type JsonError, printJson } from "./json_output.ts";
import type { SummaryJson } from "./json_types.ts";
import { JOB_NAMES, jobOf, JSON_FLAG, say } from "./output.ts";
import { exitStatus, stdoutSink, untilSignal } from "./signals.ts";
import { SUMMARIES } from "./summaries.ts";

/** The flags that control messages. An omitted flag has the value of the job's own option. */
const MESSAGE_FLAGS: readonly OptionSpec[] = OPTIONS
  .filter(({ name }) => name === "quiet" || name === "progress")
  .map((option) => ({ ...option, default: null }));

/** The flag that replaces the limit of a job. */
const LIMIT_FLAG: OptionSpec = {
  name: "limit",
  short: "n",
  type: "text",
  label: "N",
  default: "",
  none: "none",
  doc: "Run the first N elements of the list, or all of them for none, instead of the job's limit.",
  example: "10",
};

/** The command `dl_jobs resume`. */
export const resumeCommand: Command = {
  name: "resume",
  usage: "resume [JOB] [options]",
  doc: `${SUMMARIES.resume} ${JOB_NAMES}`,
  examples: [
    "dl_jobs resume",
    "dl_jobs resume 20261123T062803 -q",
    "dl_jobs resume --engine slurm",
  ],
  options: [
    ...MOVE_FLAGS,
    LIMIT_FLAG,
    CODE_FLAG,
    PYTHON_FLAG,
    ...ENV_FLAGS,
    ...MESSAGE_FLAGS,
    JSON_FLAG,
  ],
  run: (call) => runResume(call),
};

/** The command `dl_jobs retry`. */
export const retryCommand: Command = {
  name: "retry",
  usage: "retry [JOB] [options]",
  doc: `${SUMMARIES.retry} Sources that have changed since then run as they are today. ` +
    JOB_NAMES,
  examples: [
    "dl_jobs retry",
    "dl_jobs retry --group 2",
    "dl_jobs retry --task 3,17",
    "dl_jobs retry last --failed-with 'timeout|oom'",
  ],
  options: [
    {
      name: "failed_with",
      type: "text",
      default: null,
      doc: "Retry only failures whose message, type or class matches this regular expression.",
      example: "'HTTP 5..'",
    },
    {
      name: "group",
      type: "list",
      label: "N,N",
      default: [],
      example: "1,3",
      doc: "Retry only failures of these groups, by their numbers in dl_jobs errors.",
    },
    {
      name: "task",
      type: "list",
      label: "N,N",
      default: [],
      example: "3,17",
      doc: "Retry only failures of these tasks, by their numbers.",
    },
    ...MOVE_FLAGS,
    CODE_FLAG,
    PYTHON_FLAG,
    ...ENV_FLAGS,
    ...MESSAGE_FLAGS,
    JSON_FLAG,
  ],
  run: async (call) => await runResume(call, await retryFilter(call)),
};

async function runResume(call: Call, retryFilter?: RetryFilter): Promise<number> {
  const folder = jobOf(call);
  const limit = limitIn(call),
    move = moveOf(call),
    env = await givenEnv(call),
    { resumeJob } = await import("../job/resume/resume.ts");
  const given = MESSAGE_FLAGS.map(({ name }) => [name, call.flags[name]] as const);
  const reporter = Object.fromEntries(given.filter(([, value]) => value !== null));
  return await untilSignal(async (stops) => {
    stops.onBegin();
    const record = readRecord(folder);
    setMessageForm({ ...record.options, ...reporter }.progress);
    const isSaved = record.output !== undefined || record.options.saveResults !== false;
    const isDone = !retryFilter && limit === undefined && hasNoPending(folder, record);
    const showsMessages = showsText({ ...record.options, ...reporter });
    if (isDone && showsMessages) say(`No task of job ${record.id} is pending`);
    if (retryFilter && !call.flags.json && hasNothingToRetry(folder, record)) {
      // Options that are wrong are told in any case.
      if (move) await (await import("../job/resume/move.ts")).movedRecord(folder, record, move);
      if (showsMessages) say(`No task of job ${record.id} has failed: there is nothing to retry`);
      return [];
    }
    // Results that the job does not save to a file go to stdout, as in its first run, even when
    // `results --rebuild` has written a file.
    const outputSinks = isSaved || call.flags.json ? [] : [stdoutSink];
    const summary = await resumeJob(folder, {
      outputSinks,
      reporter,
      env,
      code: call.flags.code as CodeChoice | null ?? undefined,
      python: call.flags.python as string | null,
      limit,
      // A job without pending tasks has nothing to move.
      move: isDone ? undefined : move,
      ...stops,
      retryFilter,
    });
    if (call.flags.json) await printJson<SummaryJson>(summary, endError(summary));
    return [summary];
  });
}

/** Returns the reason why the exit status of a run is not 0. */
function endError(summary: Summary): JsonError | undefined {
  const { failed, failedElements, canceled, next } = summary, status = exitStatus([summary]);
  if (status === EXIT.done.status) return undefined;
  if (status === EXIT.interrupted.status) {
    return { code: "interrupted", message: "The run was stopped before its end", next };
  }
  const message = `${counted(failed + failedElements + canceled, "task")} did not succeed`;
  return { code: "tasks_failed", message, next };
}

function limitIn({ flags: { limit } }: Call): NewLimit | undefined {
  if (typeof limit !== "string" || limit === "") return undefined;
  if (limit === "none" || /^\d{1,15}$/.test(limit)) return limit === "none" ? limit : Number(limit);
  throw new UsageError(`Cannot use --limit ${limit}: write a number of elements, or none`);
}

/** Returns true when the whole list was read and every task has ended, and the journal is sound. */
function hasNoPending(folder: string, record: JobRecord): boolean {
  return hasEnded(record) && !checkJournal(folder, record);
}

/** Returns true when all tasks have succeeded, and the files of the job are there. */
function hasNothingToRetry(folder: string, record: JobRecord): boolean {
  return record.counts?.failed === 0 && !record.reduce &&
    Object.values(record.files).every(exists) && hasNoPending(folder, record);
}

/** Returns true when messages are shown as plain text. */
function showsText({ noisy, quiet, progress }: JobRecord["options"]): boolean {
  return noisy && !quiet && progress !== "json";
}

/** Returns a filter that selects the failures that all flags of a call select. */
async function retryFilter(call: Call): Promise<RetryFilter> {
  const { failed_with: pattern, group, task } = call.flags;
  const regexp = typeof pattern === "string" ? toErrorPattern("--failed-with", pattern) : undefined;
  const filters = [
    await groupsIn(call, group as readonly string[]),
    await tasksIn(call, task as readonly string[]),
  ];
  return (error, id) =>
    (regexp === undefined || matchesError(regexp, error)) &&
    filters.every((one) => one(error, id));
}

async function tasksIn(call: Call, tasks: readonly string[]): Promise<RetryFilter> {
  if (tasks.length === 0) return () => true;
  const wrong = tasks.find((text) => !/^\d{1,15}$/.test(text));
  if (wrong !== undefined) {
    throw new UsageError(`Cannot use --task ${wrong}: write numbers of tasks, see dl_jobs errors`);
  }
  const { argsOfTask } = await import("../job/inspect/job_failures.ts");
  const ids = new Set(tasks.map(Number)), folder = jobOf(call);
  for (const id of ids) await argsOfTask(folder, id);
  return (_, id) => ids.has(id);
}

async function groupsIn(call: Call, groups: readonly string[]): Promise<RetryFilter> {
  if (groups.length === 0) return () => true;
  const wrong = groups.find((text) => !/^[1-9]\d{0,5}$/.test(text));
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot use --group ${wrong}: write numbers of groups, see dl_jobs errors`,
    );
  }
  const { groupFilter } = await import("../job/inspect/job_failures.ts");
  return await groupFilter(jobOf(call), groups.map(Number));
}
