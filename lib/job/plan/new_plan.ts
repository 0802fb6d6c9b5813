/**
 * The plan of a new job.
 *
 * @module
 */

import type { JobFunction } from "../../bundle/program/program.ts";
import { chooseImage } from "../../compat/image.ts";
import type { Config } from "../../config/config.ts";
import { loadEngine } from "../../engines/mod.ts";
import { jobIds } from "../../job_dir/find.ts";
import { jobFolder, storeOf } from "../../job_dir/layout.ts";
import { openStore } from "../../job_dir/store.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import type { Cuts } from "../../tasks/cuts/cuts.ts";
import { type ArgsList, filesOf, type ListPart, type TaskList } from "../../tasks/source.ts";
import type { Reporter } from "../../terminal/reporter.ts";
import type { LineFile } from "../../util/files/line_file.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { checkCut, cutList, cutsOf } from "../list/cut_source.ts";
import { keepEnv } from "../options/env_values.ts";
import { globCopies } from "../list/glob_copies.ts";
import { newJobId } from "../files/job_name.ts";
import { commandScripts } from "../program/command_scripts.ts";
import { buildJobProgram, findTarget } from "../program/job_program.ts";
import { describeSource, lengthOf, listOf, openList } from "../list/list_source.ts";
import { newRecord } from "./new_record.ts";
import { checkSandbox } from "../options/option_rules.ts";
import type { JobOptions, RunHooks, RunOptions, Startable } from "../options/options.ts";
import { assertNoInput } from "../files/job_inputs.ts";
import { exportedFile, outputFiles } from "../files/output_files.ts";
import { joinSignals, newReporter, orStopped, type RunPlan } from "./plan.ts";
import { findReducer, reduceOf } from "../reduce/reducer.ts";
import { recordedOutput, sinksOf } from "../files/run_output.ts";
import { type CheckOptions, checkOptions } from "../options/check_options.ts";
import { partByModule, partByOption } from "../schema/checked_part.ts";
import type { CheckedPart, GateOptions } from "../schema/gate_options.ts";
import { jobSettings, limitRemote, type Settings } from "../options/settings.ts";

/** A request to plan a new job. */
export interface PlanRequest {
  readonly job: Startable;
  readonly settings: Settings;
  /** The log file for messages. */
  readonly log?: LineFile | undefined;
  readonly options: RunOptions;
  readonly hooks: RunHooks;
  /** The start of the job, which its id and its files have in their names. @default {now} */
  readonly started?: Date | undefined;
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
 * Plans the run of a new job: finds its function, opens its list, builds its program, and names its
 * folder and files.
 *
 * @throws {UsageError} when the function or the list cannot be found, the output file cannot be
 * written, the engine cannot run the job, or another user could write into the folder of jobs.
 */
export async function makePlan(request: PlanRequest): Promise<RunPlan> {
  const signals = joinSignals(request.options, request.hooks.signal);
  return await orStopped(planUntil(signals, request), signals.stop);
}

async function planUntil(
  signals: ReturnType<typeof joinSignals>,
  { job, log, options, hooks, settings: given, started = new Date() }: PlanRequest,
): Promise<RunPlan> {
  const reporter = newReporter(given.config, log);
  const warn = (text: string) => reporter.warn(`Warning: ${text}`);
  given.warnings.forEach(warn);
  const target = await findTarget(job.options, given.config, warn);
  const settings = limitRemote(given, target), { config } = settings, { origin } = options;
  await checkSandbox(config, settings.engine);
  const reduce = reduceOf(job.options, options);
  const reducer = await findReducer(reduce, settings, { started, method: origin?.method });
  const gate = {
    settings,
    warn: (text: string) => reporter.warn(text),
    signal: signals.stop,
    origin,
  };
  const opened = await openPart(job.options, options, gate), { whole, part, isCall } = opened;
  const firstList = opened.checked?.list ?? part;
  const checkFirst = await commandCheck(target, firstList, settings, warn);
  const engine = await loadEngine(settings.engine);
  engine.check?.(config);
  openStore(storeOf());
  checkTrusted(storeOf());
  const { setup, teardown } = job.options;
  const shape = { hooks: { setup, teardown }, spread: isCall, isTask: true };
  const program = await buildJobProgram(target, settings, origin?.method, shape);
  program.bundle.warnings?.forEach(warn);
  const { list, check } = opened.checked ??
    await partByModule(part, opened.checks, { ...gate, target, ...program });
  const id = newJobId(started, jobIds()), folder = jobFolder(id);
  const globs = await globCopies(whole, folder);
  const record = newRecord(job, settings, {
    id,
    started,
    target,
    program,
    isCall,
    scripts: await commandScripts(target),
    source: await describeSource(whole, origin, globs),
    cuts: opened.cuts,
    elements: part instanceof CutList ? part.elements : undefined,
    check,
    reduce: reducer?.record,
    length: lengthOf(list),
    ...recordedOutput(job.name, options, { config, started, isReduced: !!reducer }),
  });
  const { output = record.output } = options;
  if (output !== undefined) assertNoInput(output, record, filesOf(whole)?.sources);
  if (settings.isPlatform || config.gpus > 0) reportImage(config, reporter);
  keepEnv(folder, config.env);
  return {
    record,
    settings,
    folder,
    engine,
    list,
    globs,
    code: program.bundle.code,
    cachedProgram: program.bundle.file,
    reporter,
    checkFirst,
    reducer,
    ...outputFiles(record),
    exported: exportedFile(record),
    ...sinksOf(record, options, hooks.resultSinks),
    onBegin: options.onBegin,
    progress: hooks.progress,
    canary: options.canary,
    ...signals,
  };
}

/** The list of a new job, and the part of it that becomes tasks. */
interface OpenedPart {
  readonly whole: ArgsList;
  readonly cuts: Cuts | undefined;
  readonly part: ListPart;
  readonly checks: CheckOptions;
  /** The part with the check of the schema in the options, if there is one. */
  readonly checked: CheckedPart | undefined;
  /** True when the list has one element, the arguments of the only call. */
  readonly isCall: boolean;
}

/** Opens the list of a job, and applies its cuts and the schema in its options. */
async function openPart(
  job: JobOptions,
  options: RunOptions,
  gate: GateOptions,
): Promise<OpenedPart> {
  const { list, isCall } = listOf(job), cuts = cutsOf(job, options.cuts);
  const whole = await openList(list), part = await cutList(whole, cuts, gate);
  await checkCut(part, gate.signal);
  const checks = checkOptions(job, options.checks, isCall);
  const checked = await partByOption(part, checks, gate);
  return { whole, cuts, part, checks, checked, isCall };
}

/** Checks a command, and returns the check of its first task; `undefined` for another function. */
async function commandCheck(
  target: JobFunction,
  list: TaskList,
  settings: Settings,
  warn: (text: string) => void,
): Promise<RunPlan["checkFirst"]> {
  if (!("command" in target)) return undefined;
  const { checkCommand, checkFirstTask } = await import("../program/command.ts");
  await checkCommand(target, settings, warn);
  return await checkFirstTask(target, list);
}

function reportImage(config: Config, reporter: Reporter): void {
  const { message, isWarning } = chooseImage(config);
  if (isWarning) reporter.warn(`Warning: ${message}`);
  else reporter.info(message);
}
