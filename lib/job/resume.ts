/**
 * A job that has run before, and goes on.
 *
 * @module
 */

import type { Config } from "../config/options.ts";
import { loadEngine } from "../engines/mod.ts";
import { JobLock } from "../job_dir/lock.ts";
import { type JobRecord, type ListSource, readRecord } from "../job_dir/record.ts";
import type { TaskError } from "../journal/format.ts";
import type { ArgsList } from "../tasks/source.ts";
import { UsageError } from "../util/errors.ts";
import { LineFile } from "../util/line_file.ts";
import type { RunPlan, Summary } from "./controller.ts";
import type { RunHooks, RunOptions } from "./options.ts";
import { logFile, newReporter, resultFiles } from "./output_files.ts";
import { jobsOf } from "./run_method.ts";
import { runAndReport } from "./start.ts";

/** How a job goes on. */
export interface ResumeOptions
  extends Pick<RunOptions, "sinks" | "stop" | "signal">, Partial<Omit<RunHooks, "signal">> {
  /** Which of its failures are tried again. @default {none} */
  readonly again?: ((error: TaskError) => boolean) | undefined;
  /** What is said now, whatever the job says about it. */
  readonly reporter?: Partial<Pick<Config, "quiet" | "progress">>;
}

/**
 * Goes on with a job: what has no end yet is run, and its list is read on from where that stopped.
 *
 * @param folder the job's folder
 * @throws {UsageError} when another process has it, or its list has changed.
 */
export async function resume(folder: string, options: ResumeOptions = {}): Promise<Summary> {
  // Taken before the record is read: whoever has the job may be about to write it.
  using lock = await JobLock.take(folder);
  const { ended, state: _state, counts: _counts, ...record } = await readRecord(folder);
  const { options: config } = record;
  using log = logFile(record.name, config);
  const reporter = newReporter({ ...config, ...options.reporter }, log);
  const list = record.isRead ? undefined : await restOf(record);
  if (!record.isRead && list === undefined) reporter.warn(`Warning: ${goneText(record)}`);
  const never = new AbortController().signal;
  const end = options.signal ?? never;
  const plan: RunPlan = {
    record,
    folder,
    engine: await loadEngine(record.engine),
    ...(list !== undefined ? { list } : {}),
    reporter,
    ...filesOf(record),
    sinks: options.sinks ?? [],
    resultSinks: options.resultSinks ?? [],
    ...(options.sight ? { sight: options.sight } : {}),
    stop: AbortSignal.any([end, options.stop ?? never]),
    signal: end,
    ...(options.again ? { again: options.again } : {}),
    endedCleanly: ended !== undefined,
    lock,
  };
  return await runAndReport(plan, log);
}

/** Why the rest of a list cannot be read any more. */
export function goneText({ name }: JobRecord): string {
  return `the list of ${name} came from a pipe or a program that is gone: ` +
    "what had been read of it is run, the rest is not known";
}

/** The files that a job has written to, and names for those that it has not. */
function filesOf(
  { name, options, files, started }: JobRecord,
): Pick<RunPlan, "results" | "errors"> {
  const named = resultFiles(name, options, new Date(started));
  const file = (path: string | undefined, other: LineFile | undefined) =>
    path ? new LineFile(path, true) : other;
  const results = file(files.results, named.results), errors = file(files.errors, named.errors);
  return { ...(results ? { results } : {}), ...(errors ? { errors } : {}) };
}

async function restOf(record: JobRecord): Promise<ArgsList | undefined> {
  return await REST[record.source.kind](record.source as never, record);
}

type Reader<Kind> = (
  source: Extract<ListSource, { kind: Kind }>,
  record: JobRecord,
) => ArgsList | undefined | Promise<ArgsList | undefined>;

/** How each kind of list is read again; what is known of it is passed over. */
const REST: { readonly [Kind in ListSource["kind"]]: Reader<Kind> } = {
  number: ({ length }) => length,
  file: async ({ path, size, modified }) => {
    const now = await statOrUndefined(path);
    if (now?.size === size && (now.mtime?.getTime() ?? 0) === modified) return path;
    throw new UsageError(
      `Cannot read on in ${path}: it ${now ? "has changed" : "is gone"} since the job began, ` +
        "put it back as it was or start a new job with --reuse",
    );
  },
  method: async ({ method, args, kwargs, flags, index }) => {
    let at = 0;
    for await (const { options } of jobsOf(method, { args, kwargs, flags })) {
      if (at++ === index) return options.argsList ?? undefined;
    }
    throw new UsageError(`Cannot read the list again: ${method} returns fewer jobs than it did`);
  },
  stream: () => undefined,
};

async function statOrUndefined(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch {
    return undefined;
  }
}
