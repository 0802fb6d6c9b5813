/**
 * Resumes a job that has run before: runs its pending tasks, and reads the rest of its list.
 *
 * @module
 */

import { withInterpreter } from "../bundle/python/interpreter.ts";
import { currentProgram } from "../bundle/upgrade.ts";
import type { Config } from "../config/config.ts";
import { loadEngine } from "../engines/mod.ts";
import { directoryOf, jobFiles } from "../job_dir/layout.ts";
import { JobLock } from "../job_dir/lock.ts";
import { type JobRecord, programFile, readRecord } from "../job_dir/record.ts";
import type { TaskError } from "../journal/format.ts";
import { checkTrusted } from "../util/trust.ts";
import { checkPlace } from "./copied_job.ts";
import { keepEnv, readEnv, withoutValues } from "./env_values.ts";
import type { RunHooks, RunOptions } from "./options.ts";
import { exportedFile, logFile, outputFiles } from "./output_files.ts";
import { joinSignals, newReporter, type RunPlan } from "./plan.ts";
import { chooseProgram, type CodeChoice } from "./programs.ts";
import { type NewLimit, reopenPart, withLimit } from "./cuts/recut.ts";
import { sinksOf } from "./run_output.ts";
import { recordSettings } from "./settings.ts";
import { runAndReport } from "./start.ts";
import type { Summary } from "./summary.ts";

/** The options of a run that resumes a job. */
export interface ResumeOptions
  extends Pick<RunOptions, "outputSinks" | "stop" | "signal">, Partial<Omit<RunHooks, "signal">> {
  /** Selects the failures whose tasks run again. @default {none} */
  readonly retryFilter?: ((error: TaskError) => boolean) | undefined;
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
}

/**
 * Resumes a job.
 *
 * @param folder the job's folder
 * @returns the summary of the run.
 * @throws {UsageError} when another process is running the job, the job's list has changed, or
 * another user could have written the job's record.
 */
export async function resumeJob(folder: string, options: ResumeOptions = {}): Promise<Summary> {
  // The lock is taken before the record is read, because its current holder may still write the
  // record.
  using lock = await JobLock.take(folder);
  // The record has the permissions and the environment of the workers.
  checkTrusted(jobFiles(folder).record);
  const { ended, state: _state, counts: _counts, ...last } = readRecord(folder);
  const recorded = withInterpreter(last, options.python ?? null);
  checkPlace(folder, recorded);
  const notes: string[] = [];
  const env = await readEnv(folder, recorded, options.env, (text) => notes.push(text));
  keepEnv(folder, env);
  const settings = recordSettings(recorded, env);
  using log = logFile(recorded.name, settings.config);
  const reporter = newReporter({ ...settings.config, ...options.reporter }, log);
  for (const note of notes) reporter.info(note);
  const signals = joinSignals(options), { limit } = options;
  const warn = (text: string) => reporter.warn(text),
    cut = { settings, warn, signal: signals.stop };
  const limited = limit === undefined ? recorded : await withLimit(folder, recorded, limit, cut);
  const chosen = await chooseProgram(folder, withoutValues(limited, env), {
    code: options.code,
    isRetry: options.retryFilter !== undefined,
    warn,
  });
  const record = { ...chosen, directory: directoryOf(folder) };
  const list = record.isRead ? undefined : await reopenPart(folder, record, cut);
  if (!record.isRead && list === undefined) reporter.warn(`Warning: ${lostListText(record)}`);
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
    endedCleanly: ended !== undefined,
    lock,
  };
  return await runAndReport(plan, log);
}

function lostListText({ name }: JobRecord): string {
  return `the list of ${name} came from a pipe or a program that has ended: ` +
    "only the tasks that had been read will run, and the rest of the list is lost";
}
