/**
 * From what a job is told to how it runs: options, place, files, and what is said about it.
 *
 * @module
 */

import { bundleTask } from "../bundle/build.ts";
import type { JobFunction } from "../bundle/program.ts";
import { locate, locateModule } from "../bundle/resolve.ts";
import { chooseImage } from "../compat/image.ts";
import type { Config } from "../config/options.ts";
import { loadEngine } from "../engines/mod.ts";
import { STORE } from "../job_dir/layout.ts";
import type { JobRecord, ListSource } from "../job_dir/record.ts";
import type { ArgsList } from "../tasks/source.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { timestamp } from "../util/duration.ts";
import { UsageError } from "../util/errors.ts";
import { LineFile } from "../util/line_file.ts";
import { isRemote } from "../util/remote.ts";
import type { RunPlan } from "./controller.ts";
import type { JobOptions, RunHooks, RunOptions, Startable } from "./options.ts";
import { newFile, newReporter, resultFiles } from "./output_files.ts";
import { permissionsFor, settle, type Settled, withTaskKwargs } from "./settings.ts";

/** Settles what a job is told, without running it. */
export async function planOnly(job: Startable, options: RunOptions): Promise<RunPlan> {
  const hooks = { resultSinks: [], signal: new AbortController().signal, sight: {} };
  return await makePlan(job, await settle(job, options), undefined, options, hooks);
}

export async function makePlan(
  job: Startable,
  settled: Settled,
  log: LineFile | undefined,
  options: RunOptions,
  hooks: RunHooks,
): Promise<RunPlan> {
  const reporter = newReporter(settled.config, log);
  for (const warning of settled.warnings) reporter.warn(`Warning: ${warning}`);
  const target = await findTarget(job.options, settled.config);
  const config = {
    ...withTaskKwargs(settled, job.options.taskKwargs),
    permissions: permissionsFor(target, settled),
  };
  const { argsList, args = [], kwargs } = job.options;
  const isList = argsList !== undefined && argsList !== null;
  const list = isList ? argsList : [kwargs ? [...args, kwargs] : args];
  const now = new Date();
  const id = newId(now);
  const engine = await loadEngine(settled.engine);
  engine.check?.(config);
  const bundle = await bundleTask(target, {
    spread: !isList,
    cache: `${Deno.cwd()}/${STORE}/cache`,
  });
  const output = options.output === undefined ? undefined : newFile(options.output);
  const source = await sourceOf(list, options.origin);
  if (settled.platform || config.gpus > 0) tellImage(config, reporter);
  return {
    record: {
      id,
      name: job.name,
      function: typeof target === "function" ? "function" : target,
      code: bundle.hash,
      engine: settled.engine,
      options: config,
      source,
      ...shipmentOf(job.options),
      ...lengthOf(list),
      started: now.toISOString(),
      versions: { ...Deno.version },
      // Known before there is anything in it: it must be found again.
      files: output ? { results: output } : {},
    },
    folder: `${Deno.cwd()}/${STORE}/${id}`,
    engine,
    list,
    code: bundle.code,
    reporter,
    ...resultFiles(job.name, config, now),
    ...(output ? { results: new LineFile(output, true) } : {}),
    sinks: options.sinks ?? [],
    resultSinks: hooks.resultSinks,
    sight: hooks.sight,
    ...stopSignals(options, hooks.signal),
  };
}

function shipmentOf(
  { modules = [], requirements = [], data = [] }: JobOptions,
): Pick<JobRecord, "ship"> {
  const isAny = modules.length + requirements.length + data.length > 0;
  return isAny ? { ship: { modules, requirements, data } } : {};
}

function stopSignals(
  { stop, signal }: Pick<RunOptions, "stop" | "signal">,
  canceled: AbortSignal,
): Pick<RunPlan, "stop" | "signal"> {
  const end = AbortSignal.any([canceled, ...(signal ? [signal] : [])]);
  return { stop: AbortSignal.any([end, ...(stop ? [stop] : [])]), signal: end };
}

async function sourceOf(list: ArgsList, origin: RunOptions["origin"]): Promise<ListSource> {
  if (typeof list === "number") return { kind: "number", length: list };
  if (isFilePath(list)) {
    const path = await realPath(list);
    const { size, mtime, isFile, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new UsageError(`Cannot read ${list}: it is a folder, give a file`);
    if (isFile) return { kind: "file", path, size, modified: mtime?.getTime() ?? 0 };
  }
  // What a run method takes from stdin, nobody can give it a second time.
  return origin && list !== "-" ? { kind: "method", ...origin } : { kind: "stream" };
}

async function realPath(path: string | URL): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(`Cannot read ${path}: no such file, looked from ${Deno.cwd()}`, { cause });
  }
}

function isFilePath(list: ArgsList): list is string | URL {
  if (list instanceof URL) return list.protocol === "file:";
  return typeof list === "string" && list !== "-" && !isRemote(list);
}

function lengthOf(list: ArgsList): { length?: number } {
  if (typeof list === "number") return { length: list };
  return Array.isArray(list) ? { length: list.length } : {};
}

async function findTarget(
  { fn, moduleName = "", methodName }: JobOptions,
  { defaultMethod }: Config,
): Promise<JobFunction> {
  if (fn) return fn;
  if (moduleName.includes("#")) return await locate(moduleName);
  return { module: await locateModule(moduleName), method: methodName ?? defaultMethod };
}

/** Sorts by time to the millisecond, and is short enough to be typed. */
function newId(now: Date): string {
  const ms = String(now.getMilliseconds()).padStart(3, "0");
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex();
  return `${timestamp(now)}-${ms}${random.slice(0, 3)}`;
}

/** A module's name as people say it: of a path the file's, without its ending. */
export function shortName(module: string): string {
  const hash = module.lastIndexOf("#");
  const [path, method] = hash < 0 ? [module, ""] : [module.slice(0, hash), module.slice(hash + 1)];
  const file = path.split("/").at(-1)!.replace(/\.[mc]?[jt]sx?$/, "");
  return method ? `${file}.${method}` : file;
}

function tellImage(config: Config, reporter: Reporter): void {
  const { message, isWarning } = chooseImage(config);
  if (isWarning) reporter.warn(`Warning: ${message}`);
  else reporter.info(message);
}
