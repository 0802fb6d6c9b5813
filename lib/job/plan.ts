/**
 * The plan of a run: everything that is decided before the first task starts.
 *
 * @module
 */

import { bundleTask } from "../bundle/build.ts";
import type { Bundle, JobFunction } from "../bundle/program.ts";
import { findInterpreter, isPythonFunction } from "../bundle/python/interpreter.ts";
import { locate, locateModule } from "../bundle/resolve.ts";
import { hashSources } from "../bundle/sources.ts";
import { chooseImage } from "../compat/image.ts";
import type { Config } from "../config/config.ts";
import type { Engine } from "../engines/engine.ts";
import { loadEngine } from "../engines/mod.ts";
import type { TaskRange } from "../tasks/task_range.ts";
import { jobIds } from "../job_dir/find.ts";
import { cacheFolder, jobFolder, storeOf } from "../job_dir/layout.ts";
import type { JobLock } from "../job_dir/lock.ts";
import type { OutputFiles } from "../job_dir/rebuild.ts";
import type { FunctionRef, JobRecord } from "../job_dir/record.ts";
import { openStore } from "../job_dir/store.ts";
import { JOURNAL_VERSION, type TaskError } from "../journal/format.ts";
import type { Task } from "../tasks/batch.ts";
import { CutList } from "../tasks/cuts/cut_list.ts";
import type { TaskList } from "../tasks/source.ts";
import { Reporter } from "../terminal/reporter.ts";
import { checkBwrap } from "../worker/bwrap.ts";
import type { AsideFile } from "../util/aside_file.ts";
import { defined } from "../util/defined.ts";
import type { LineFile } from "../util/line_file.ts";
import { createMask } from "../util/mask.ts";
import { checkTrusted } from "../util/trust.ts";
import type { CanaryOptions } from "./canary/canary.ts";
import { checkCut, cutList, cutsOf } from "./cuts/cut_source.ts";
import { keepEnv, withoutValues } from "./env_values.ts";
import { globCopies, type GlobCopy } from "./glob_copies.ts";
import { newJobId } from "./job_name.ts";
import { describeSource, lengthOf, listOf, openList } from "./list_source.ts";
import type { JobOptions, RunHooks, RunOptions, Startable } from "./options.ts";
import { exportedFile, outputFiles } from "./output_files.ts";
import { newProgram, programName, scriptFiles } from "./programs.ts";
import { findReducer, reduceOf, type Reducer } from "./reduce/reducer.ts";
import { recordedOutput, type RunSinks, sinksOf } from "./run_output.ts";
import type { RunProgress } from "./run_progress.ts";
import { checkOptions } from "./schema/check_options.ts";
import { partByModule, partByOption } from "./schema/checked_part.ts";
import { jobSettings, limitRemote, type Settings } from "./settings.ts";

/** The plan of a run of a new or a resumed job. */
export interface RunPlan extends OutputFiles, RunSinks {
  /** The record. For a resumed job, the record excludes the outcome of the last run. */
  readonly record: JobRecord;
  readonly settings: Settings;
  /** The job's folder, as an absolute path. */
  readonly folder: string;
  readonly engine: Engine;
  /**
   * The list; `undefined` when earlier runs read the whole list, or its source cannot be reopened.
   */
  readonly list?: TaskList | undefined;
  /** The lists of paths to copy into the folder of a new job. @default {none} */
  readonly globs?: readonly GlobCopy[] | undefined;
  /** The program that calls the function; `undefined` when it is already in the job's folder. */
  readonly code?: string | undefined;
  /** The path of the program. @default {the last program of the record} */
  readonly bundle?: string | undefined;
  /** The path of the program in the cache. @default {not cached} */
  readonly cachedProgram?: string | undefined;
  /** The results file that is written once all tasks have ended. @default {none} */
  readonly exported?: AsideFile | undefined;
  readonly reporter: Reporter;
  /** Checks the first task of a new job. Throws when no task can run. @default {no check} */
  readonly checkFirst?: ((task: Task) => void) | undefined;
  /** The function of a new job that folds its results. @default {none, or in the job's folder} */
  readonly reducer?: Reducer | undefined;
  /** Aborted when no more tasks should start. */
  readonly stop: AbortSignal;
  /** Aborted when running tasks should be ended at once. */
  readonly signal: AbortSignal;
  /**
   * The tasks to take back from the engine, which earlier runs gave to it: those that run may finish,
   * and no others begin. @default {the run has all tasks}
   */
  readonly given?: readonly TaskRange[] | undefined;
  /** The tasks of a new job that run before the others. @default {none} */
  readonly canary?: CanaryOptions | undefined;
  /** Selects the failures of earlier runs whose tasks run again. @default {none} */
  readonly retryFilter?: ((error: TaskError) => boolean) | undefined;
  /** True when the run has another program than the last run. @default {false} */
  readonly hasNewCode?: boolean | undefined;
  /** True when the last run ended normally, so its files are complete. @default {false} */
  readonly endedCleanly?: boolean | undefined;
  /** True when no task and no file was left for this run. @default {false} */
  readonly isOver?: boolean | undefined;
  /** The lock of the job, if the caller has already taken it. */
  readonly lock?: JobLock | undefined;
  /** An object that receives the progress of the run. */
  readonly progress?: RunProgress | undefined;
}

/** A request to plan a run. */
export interface PlanRequest {
  readonly job: Startable;
  readonly settings: Settings;
  /** The log file for messages. */
  readonly log?: LineFile | undefined;
  readonly options: RunOptions;
  readonly hooks: RunHooks;
}

/**
 * Plans a run that this process will not start.
 *
 * @throws {UsageError} when the job or one of its options is invalid.
 */
export async function planOnly(job: Startable, options: RunOptions): Promise<RunPlan> {
  const hooks = { resultSinks: [], signal: new AbortController().signal, progress: {} };
  return await makePlan({ job, settings: await jobSettings(job, options), options, hooks });
}

/**
 * Plans the run of a new job: finds and bundles its function, and names its folder and files.
 *
 * @throws {UsageError} when the function or the list cannot be found, the output file cannot be
 * written, the engine cannot run the job, or another user could write into the folder of jobs.
 */
export async function makePlan(
  { job, log, options, hooks, ...given }: PlanRequest,
): Promise<RunPlan> {
  const reporter = newReporter(given.settings.config, log);
  const warn = (text: string) => reporter.warn(`Warning: ${text}`);
  given.settings.warnings.forEach(warn);
  const target = await findTarget(job.options, given.settings.config, warn);
  const settings = limitRemote(given.settings, target);
  const isHere = ["local", "inline"].includes(settings.engine);
  if (settings.config.sandbox !== null && isHere) await checkBwrap();
  const { isCall, ...listed } = listOf(job.options), started = new Date();
  const reducer = await findReducer(reduceOf(job.options, options), settings, {
    started,
    method: options.origin?.method,
  });
  const cuts = cutsOf(job.options, options.cuts), whole = await openList(listed.list);
  const signals = joinSignals(options, hooks.signal);
  const aside = {
    settings,
    warn: (text: string) => reporter.warn(text),
    signal: signals.stop,
    origin: options.origin,
  };
  const part = await cutList(whole, cuts, aside);
  await checkCut(part, signals.stop);
  const checks = checkOptions(job.options, options.checks, isCall);
  const byOption = await partByOption(part, checks, aside);
  const checkFirst = await commandCheck(target, byOption?.list ?? part, settings, warn);
  const engine = await loadEngine(settings.engine);
  engine.check?.(settings.config);
  openStore(storeOf());
  checkTrusted(storeOf());
  const { permissions } = settings, python = interpreterOf(target, settings.config);
  const { setup, teardown } = job.options;
  const bundle = await bundleTask(target, {
    hooks: { setup, teardown },
    spread: isCall,
    isTask: true,
    cache: cacheFolder(),
    permissions,
    python,
  });
  bundle.warnings?.forEach(warn);
  const { list, check } = byOption ??
    await partByModule(part, checks, { ...aside, target, bundle, python });
  const sources = typeof target === "function"
    ? await hashSources(await scriptFiles(options.origin?.method, settings.config))
    : bundle.sources;
  const id = newJobId(started, jobIds()), folder = jobFolder(id);
  const globs = await globCopies(whole, folder);
  const source = await describeSource(whole, options.origin, globs);
  const record = newRecord(job, settings, {
    id,
    started,
    function: typeof target === "function" ? "function" : target,
    code: bundle.hash,
    bundle: { ...bundle, sources },
    file: programName(target),
    python,
    isCall,
    source,
    cuts,
    elements: part instanceof CutList ? part.elements : undefined,
    check,
    reduce: reducer?.record,
    length: lengthOf(list),
    ...recordedOutput(job.name, options, {
      config: settings.config,
      started,
      isReduced: !!reducer,
    }),
  });
  if (settings.isPlatform || settings.config.gpus > 0) reportImage(settings.config, reporter);
  keepEnv(folder, settings.config.env);
  return {
    record,
    settings,
    folder,
    engine,
    list,
    globs,
    code: bundle.code,
    cachedProgram: bundle.file,
    reporter,
    checkFirst,
    reducer,
    ...outputFiles(record),
    exported: exportedFile(record),
    ...sinksOf(record, options, hooks.resultSinks),
    progress: hooks.progress,
    canary: options.canary,
    ...signals,
  };
}

/** The parts of a record that are determined while the run is planned. */
interface Found extends
  Pick<
    JobRecord,
    | "id"
    | "function"
    | "code"
    | "python"
    | "source"
    | "cuts"
    | "reduce"
    | "elements"
    | "check"
    | "length"
    | "output"
    | "outputOptions"
  > {
  readonly file: string;
  readonly started: Date;
  readonly bundle: Bundle;
  readonly isCall: boolean;
}

/** Creates the record of a new job, with its keys in the order of `job.json`. */
function newRecord({ name, options }: Startable, settings: Settings, found: Found): JobRecord {
  const { config, envSources } = settings, { id } = found;
  const record = defined<JobRecord>({
    format: JOURNAL_VERSION,
    id,
    name,
    function: found.function,
    code: found.code,
    programs: [newProgram(found.bundle, found.started, Deno.cwd(), found.file)],
    python: found.python,
    isCall: found.isCall || undefined,
    engine: settings.engine,
    options: config,
    env: envSources,
    source: found.source,
    cuts: found.cuts,
    reduce: found.reduce,
    elements: found.elements,
    check: found.check,
    ship: shipmentOf(options),
    length: found.length,
    started: found.started.toISOString(),
    directory: Deno.cwd(),
    versions: defined({ ...Deno.version, python: found.bundle.python }),
    output: found.output,
    outputOptions: found.outputOptions,
    files: {},
  });
  return withoutValues(record, config.env);
}

/** Returns the command of the interpreter of a Python function; `undefined` for any other. */
function interpreterOf(target: JobFunction, { python }: Config): readonly string[] | undefined {
  return isPythonFunction(target) ? findInterpreter(python, target.module) : undefined;
}

/** Checks a command, and returns the check of its first task; `undefined` for another function. */
async function commandCheck(
  target: JobFunction,
  list: TaskList,
  settings: Settings,
  warn: (text: string) => void,
): Promise<RunPlan["checkFirst"]> {
  if (!("command" in target)) return undefined;
  const { checkCommand, checkFirstTask } = await import("./command.ts");
  await checkCommand(target, settings, warn);
  return await checkFirstTask(target, list);
}

async function findTarget(
  options: JobOptions,
  { defaultMethod }: Config,
  warn: (text: string) => void,
): Promise<JobFunction> {
  const { fn, moduleName = "", methodName, command, dlJob } = options;
  if (fn) return fn;
  if (command !== undefined) return (await import("./command.ts")).commandOf(options);
  const method = methodName ?? defaultMethod;
  // A file name may contain the mark of a method, too.
  if (moduleName.includes("#")) return await locate(moduleName, { defaultMethod: method });
  const module = await locateModule(moduleName, { warn });
  return defined<FunctionRef>({ module, method, dlJob });
}

function shipmentOf(options: JobOptions): JobRecord["ship"] {
  const modules = options.modules ?? [], requirements = options.requirements ?? [];
  const data = options.data ?? [];
  const isAny = modules.length + requirements.length + data.length > 0;
  return isAny ? { modules, requirements, data } : undefined;
}

function reportImage(config: Config, reporter: Reporter): void {
  const { message, isWarning } = chooseImage(config);
  if (isWarning) reporter.warn(`Warning: ${message}`);
  else reporter.info(message);
}

/**
 * Creates the reporter of a job.
 *
 * @param config the options for messages and progress
 * @param log the log file for messages, if any
 */
export function newReporter(
  { noisy, quiet, printLogs, progress, suppress, env }: Config,
  log: LineFile | undefined,
): Reporter {
  const mask = createMask(Object.values(env));
  return new Reporter({ noisy, quiet, printLogs, progress, suppress, log, mask });
}

/**
 * Joins the signals that stop or end a run.
 *
 * @param options the caller's signals
 * @param canceled aborted when the run is canceled
 */
export function joinSignals(
  { stop, signal }: Pick<RunOptions, "stop" | "signal">,
  canceled?: AbortSignal,
): Pick<RunPlan, "stop" | "signal"> {
  const isSignal = (one: AbortSignal | undefined) => one !== undefined;
  const end = AbortSignal.any([canceled, signal].filter(isSignal));
  return { stop: AbortSignal.any([end, stop].filter(isSignal)), signal: end };
}
