/**
 * Starts a job in this process, and reports its start and its end.
 *
 * @module
 */

import { jobIdOf } from "../../job_dir/layout.ts";
import {
  interpreterText,
  type JobRecord,
  programEnding,
  programFile,
} from "../../job_dir/record.ts";
import { cutsText } from "../../tasks/cuts/cuts.ts";
import { isReadOnce } from "../../tasks/read_once.ts";
import { defined } from "../../util/defined.ts";
import { messageOf, UsageError } from "../../util/errors.ts";
import { existsOr, isEmptyFile, removeIfThere } from "../../util/files/fs.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { execute } from "./execute.ts";
import { engineContext } from "./engine_context.ts";
import { failureText, summaryText } from "../report/format.ts";
import { nextCommand, nextSteps } from "../report/next_steps.ts";
import type { JobEnd } from "../options/notify.ts";
import type { RunHooks, RunOptions, Startable } from "../options/options.ts";
import { logFile } from "../files/output_files.ts";
import { makePlan } from "../plan/new_plan.ts";
import type { RunPlan } from "../plan/plan.ts";
import { jobSettings, type Settings } from "../options/settings.ts";
import { checkText } from "../options/check_options.ts";
import type { Summary } from "../report/summary.ts";
import { newTemporaryFile } from "../../util/files/temporary_file.ts";
import { counted } from "../../util/text/counted.ts";

/**
 * Starts a job: parses its settings, plans the run, and runs it to its end.
 *
 * @returns the summary of the run.
 * @throws {UsageError} when the job or one of its options is invalid.
 */
export async function start(
  job: Startable,
  options: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const settings = await jobSettings(job, options);
  if (options.isDryRun) return await dryRun(job, settings, options, hooks);
  // All files of a job have the time of its id in their names.
  const started = new Date();
  using log = logFile(job.name, settings.config, started);
  return await runAndReport(await makePlan({ job, settings, log, options, hooks, started }), log);
}

/**
 * Returns a check that the current folder is still the same. Relative paths of a job that starts in
 * two folders would refer to either of them.
 */
export function sameFolderCheck(): () => void {
  const before = Deno.cwd();
  return () => {
    const now = Deno.cwd();
    if (now === before) return;
    throw new UsageError(
      `Cannot start the job: the current folder changed from ${before} to ${now} meanwhile; ` +
        "await the run before Deno.chdir()",
    );
  };
}

// The number of commands in the report.
const MOST_COMMANDS = 3;

/** Reports what a run would do, without creating the job. */
async function dryRun(
  job: Startable,
  settings: Settings,
  { output: _output, ...options }: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const plan = await makePlan({ job, settings, options, hooks });
  const { record, engine, folder, reporter } = plan;
  const { id, name, length, cuts, check, function: command } = record;
  const tasks = length === undefined
    ? `${cuts ? "the" : "all"} tasks of its list`
    : counted(length, "task");
  const parts = [cuts && cutsText(cuts), check && `checked by ${checkText(check)}`].filter(Boolean);
  const part = parts.length > 0 ? ` (${parts.join("; ")})` : "";
  const python = interpreterText(record), by = python === undefined ? "" : ` by ${python}`;
  reporter.warn(`${name}: job ${id} would run ${tasks}${part} on ${engine.name}${by}`);
  if (plan.canary) {
    const { futureText } = await import("../canary/canary_text.ts");
    reporter.warn(futureText(plan.canary.tasks, length));
  }
  const preview = await previewOf(plan);
  if (preview) reporter.warn(preview);
  // The commands of a list that can be read only once would be missing in the run that follows.
  const { list } = plan, isKept = list !== undefined && !isReadOnce(list);
  if (isKept && typeof command === "object" && "command" in command) {
    const { commandLines } = await import("../program/command.ts");
    for await (const line of commandLines(command, list, MOST_COMMANDS)) reporter.warn(line);
  }
  const counts = { total: 0, succeeded: 0, failed: 0, failedElements: 0, canceled: 0, reused: 0 };
  return { id, name, ...counts, isInterrupted: false, ms: 0, commonErrors: [], paths: { folder } };
}

/**
 * Returns the engine's preview of the run, if any. The program is written to a temporary file,
 * because the job has no folder yet.
 */
async function previewOf(plan: RunPlan): Promise<string | undefined> {
  if (!plan.engine.preview) return undefined;
  const bundle = await newTemporaryFile(programEnding(programFile(plan.folder, plan.record)));
  try {
    await Deno.writeTextFile(bundle, plan.code!);
    return await plan.engine.preview({ ...engineContext(plan), bundle });
  } finally {
    await Deno.remove(bundle);
  }
}

/**
 * Runs a plan, and reports its start and its end.
 *
 * @param plan the plan of a new or a resumed job
 * @param log the log file for messages, if any; the summary includes its path
 * @returns the summary of the run.
 */
export async function runAndReport(plan: RunPlan, log: LineFile | undefined): Promise<Summary> {
  let hasBegun = false;
  const onCreated = () => hasBegun = true;
  try {
    const ended = await executeLogged(plan, log, onCreated);
    const summary = withNext(withFiles(ended, log), plan.record);
    plan.reporter.end(summaryText(summary), { type: "summary", ...summary }, failureText(summary));
    // The end of such a job was told by the run that had its last task.
    if (!plan.isOver) await sendEnd(plan, summary);
    return summary;
  } catch (error) {
    const { folder, record: { id, name } } = plan;
    // A setup that fails leaves no folder, but may have taken hours, so its user waits for word.
    const isThere = existsOr(folder, true);
    if (hasBegun || isThere) {
      const paths = isThere ? { folder } : {};
      await sendEnd(plan, { id, name, paths, error: messageOf(error) });
    }
    throw error;
  }
}

async function sendEnd({ settings: { config }, reporter }: RunPlan, end: JobEnd): Promise<void> {
  // A record of an earlier version has neither option.
  const { notify = null, on = {} } = config as Partial<typeof config>;
  if (notify === null && Object.keys(on).length === 0) return;
  const { notifyEnd } = await import("../options/notify.ts");
  await notifyEnd(end, { notify, on }, (text) => reporter.warn(text));
}

/**
 * Runs a plan. A job that was refused leaves no log. The log of another job has the error that ended
 * it, because the process of a submitted job has no terminal.
 */
async function executeLogged(
  plan: RunPlan,
  log: LineFile | undefined,
  onCreated: () => void,
): Promise<Summary> {
  try {
    return await execute(plan, onCreated);
  } catch (error) {
    if (existsOr(plan.folder, true)) plan.reporter.failure(error);
    else if (log?.path) removeIfThere(log.path);
    throw error;
  }
}

/** Adds the steps to take next. */
function withNext(summary: Summary, { source, options }: JobRecord): Summary {
  const { canceled, isInterrupted, failed, invalid, commonErrors, paths: { folder } } = summary;
  const job = { id: jobIdOf(folder), source, options };
  const isOpen = canceled > 0 || isInterrupted;
  const counts = { failed, invalid, isOpen, errors: commonErrors };
  const steps = nextSteps(job, counts);
  return steps.length === 0
    ? summary
    : defined<Summary>({ ...summary, next: nextCommand(job, counts), steps });
}

/** Adds the log file, and leaves out an empty errors file, as that of a job that has succeeded. */
function withFiles(summary: Summary, log: LineFile | undefined): Summary {
  const { paths } = summary, isEmpty = paths.errors !== undefined && isEmptyFile(paths.errors);
  const given = { ...paths, errors: isEmpty ? undefined : paths.errors, log: log?.path };
  return { ...summary, paths: defined<Summary["paths"]>(given) };
}
