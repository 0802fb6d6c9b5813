/**
 * The plan of a run that resumes a job.
 *
 * @module
 */

import { withInterpreter } from "../../bundle/function/interpreter.ts";
import { currentProgram } from "../../bundle/build/upgrade.ts";
import type { Config } from "../../config/config.ts";
import { loadEngine } from "../../engines/mod.ts";
import { checkJournal } from "../../job_dir/health.ts";
import { directoryOf, jobFiles } from "../../job_dir/layout.ts";
import type { JobLock } from "../../job_dir/lock.ts";
import {
  hasEnded,
  type JobCounts,
  type JobRecord,
  programFile,
  readRecord,
} from "../../job_dir/record.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { shownPath } from "../../util/paths.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import type { StandardSchema } from "../../worker/check.ts";
import { checkPlace } from "../files/copied_job.ts";
import { keepEnv, readEnv, withoutValues } from "../options/env_values.ts";
import { movedRecord, type MoveOptions, outdateChanges } from "./move.ts";
import type { RunHooks, RunOptions } from "../options/options.ts";
import { exportedFile, logFile, outputFiles } from "../files/output_files.ts";
import { changedFiles } from "../list/list_source.ts";
import {
  joinSignals,
  newReporter,
  orStopped,
  type RetryFilter,
  type RunPlan,
} from "../plan/plan.ts";
import { choosePrograms } from "./choose_programs.ts";
import type { CodeChoice } from "../program/code_choice.ts";
import { withCurrentScripts } from "../program/command_scripts.ts";
import { type NewLimit, reopenPart, withLimit } from "./recut.ts";
import { sinksOf } from "../files/run_output.ts";
import { recordSettings } from "../options/settings.ts";

/** The options of a run that resumes a job. */
export interface ResumeOptions
  extends Pick<RunOptions, "outputSinks" | "stop" | "signal">, Partial<Omit<RunHooks, "signal">> {
  /** Selects the failures whose tasks run again. @default {none} */
  readonly retryFilter?: RetryFilter | undefined;
  /** The program to run. @default {current for a retry if the sources differ, else the last one} */
  readonly code?: CodeChoice | undefined;
  /** The interpreter that replaces that of a job in Python. @default {that of the job} */
  readonly python?: string | null | undefined;
  /** Environment variables of the workers that override those that the job can read again. */
  readonly env?: Config["env"] | undefined;
  /** Options for messages and progress that override the job's own options. */
  readonly reporter?: Partial<Pick<Config, "quiet" | "progress">>;
  /** The limit that replaces that of the job. @default {that of the job} */
  readonly limit?: NewLimit | undefined;
  /** The schema of the list, which only code has. @default {that of the job} */
  readonly schema?: StandardSchema | undefined;
  /** The engine to which the job moves. @default {that of the job} */
  readonly move?: MoveOptions | undefined;
}

/** A plan, with the log file for its messages. */
export interface ResumePlan extends Disposable {
  readonly plan: RunPlan;
  readonly log: LineFile | undefined;
}

/**
 * Plans a run of a job that has run before.
 *
 * @param folder the job's folder
 * @param lock the lock of the job
 * @param isFirst true when another run follows, which tells what has changed. @default {false}
 * @throws {UsageError} when the job's list has changed, another user could have written the job's
 * record, or the job cannot move.
 */
export async function resumePlan(
  folder: string,
  lock: JobLock,
  options: ResumeOptions,
  isFirst = false,
): Promise<ResumePlan> {
  // The record has the permissions and the environment of the workers.
  checkTrusted(jobFiles(folder).record);
  const { ended, state: _state, counts, stamps: _stamps, ...last } = readRecord(folder);
  const recorded = await placedRecord(folder, last, options);
  const notes: string[] = [];
  const env = await readEnv(folder, recorded, options.env, (text) => notes.push(text))
    .catch((error) => {
      if (mayRun(folder, { ...recorded, counts }, options)) throw error;
      return {};
    });
  keepEnv(folder, env);
  const settings = recordSettings(recorded, env);
  using opened = new DisposableStack();
  const log = opened.use(logFile(recorded.name, settings.config));
  const reporter = newReporter({ ...settings.config, ...options.reporter }, log);
  if (!isFirst) notes.forEach((note) => reporter.info(note));
  const signals = joinSignals(options), { limit } = options;
  const warn = (text: string) => isFirst ? undefined : reporter.warn(text);
  const cut = { settings, warn, signal: signals.stop, schema: options.schema };
  const limited = limit === undefined ? recorded : await withLimit(folder, recorded, limit, cut);
  const isRetry = options.retryFilter !== undefined;
  const note = isRetry && counts?.failed !== 0 ? (text: string) => reporter.info(text) : undefined;
  const request = { code: options.code, isRetry, warn, note };
  const choosing = choosePrograms(folder, withoutValues(limited, env), request);
  const chosen = await orStopped(choosing, signals.stop);
  const directory = directoryOf(folder);
  const callsScripts = mayRun(folder, { ...recorded, reduce: undefined, counts }, options);
  // The next run has these scripts, and no change of them to tell.
  const ofScripts = (text: string) => reporter.warn(text);
  const current = callsScripts ? await withCurrentScripts(chosen, directory, ofScripts) : chosen;
  const record = { ...current, directory };
  const list = record.isRead ? undefined : await reopenPart(folder, record, cut);
  if (record.isRead) warnOfChange(record, isRetry, warn);
  if (!record.isRead && list === undefined) warn(`Warning: ${lostListText(record)}`);
  const plan: RunPlan = {
    record,
    settings,
    folder,
    bundle: await currentProgram(programFile(folder, record)),
    engine: await loadEngine(settings.engine),
    list,
    reporter,
    ...outputFiles(record),
    exported: exportedFile(record),
    ...sinksOf(record, options, options.resultSinks ?? []),
    progress: options.progress,
    ...signals,
    retryFilter: options.retryFilter,
    hasNewCode: record.code !== recorded.code,
    lastEnded: ended,
    isOver: !options.retryFilter && isOver(record, counts),
    lock,
  };
  const owned = opened.move();
  return { plan, log, [Symbol.dispose]: () => owned.dispose() };
}

/** Returns true when the run may call a function, which needs the values of variables. */
function mayRun(
  folder: string,
  record: JobRecord,
  { retryFilter, limit }: ResumeOptions,
): boolean {
  const isOver = !retryFilter && limit === undefined && !record.reduce && hasEnded(record);
  return !isOver || checkJournal(folder, record) !== undefined;
}

/** Returns the record with the engine and the interpreter of the next run. */
async function placedRecord(
  folder: string,
  last: JobRecord,
  { move, python = null }: ResumeOptions,
): Promise<JobRecord> {
  const placed = move ? await movedRecord(folder, last, move) : last;
  if (move) outdateChanges(folder, placed, move);
  const recorded = withInterpreter(placed, python);
  checkPlace(folder, recorded);
  return recorded;
}

/** Returns true when all tasks of a job have ended, and it writes nothing after them. */
function isOver({ isRead, reduce, outputOptions }: JobRecord, counts?: JobCounts): boolean {
  return !reduce && !outputOptions && hasEnded({ isRead, counts });
}

/** Tells that the tasks are those of the list as it was. */
function warnOfChange(record: JobRecord, isRetry: boolean, warn: (text: string) => void): void {
  const [file, ...others] = changedFiles(record);
  if (file === undefined) return;
  const name = others.length > 0 ? "files of the list" : shownPath(file);
  const command = isRetry ? "retry" : "resume";
  warn(
    `${command} keeps the tasks of the job: ${name} may have changed since, a new job with --reuse ` +
      "reads the new content and runs only what has changed",
  );
}

function lostListText({ name }: JobRecord): string {
  return `the list of ${name} came from a pipe or a program that has ended: ` +
    "only the tasks that had been read will run, and the rest of the list is lost";
}
