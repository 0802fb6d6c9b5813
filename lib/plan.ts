/**
 * From what a job is told to how it runs: options, place, files, and what is said about it.
 *
 * @module
 */

import { bundleTask, type Target } from "./bundle.ts";
import { camelCase, type Config, loadConfig, OPTIONS, parseOption } from "./config.ts";
import { loadText } from "./deps.ts";
import { loadEngine } from "./engines/mod.ts";
import { UsageError } from "./errors.ts";
import { chooseImage } from "./image.ts";
import { locate, locateModule } from "./locate.ts";
import { permissionFlags } from "./permissions.ts";
import { Talk } from "./progress.ts";
import { isRemote } from "./remote.ts";
import { LineFile, type ResultSink } from "./results.ts";
import { parseHalt, parsePolicy } from "./retry.ts";
import { contextOf, execute, type RunPlan, type Sight, type Summary } from "./run.ts";
import { summaryText } from "./show.ts";
import { type JobRecord, listJobsSync, type ListSource, STORE } from "./store.ts";
import type { ArgsList } from "./task.ts";
import { timestamp } from "./timer.ts";

/** An option's value as a user writes it: durations in seconds or `"5m"`, memory as `"4GB"`. */
export type ConfigInput = { readonly [Name in keyof Config]?: Config[Name] | string | null };

/** What a job is. Every option of the config file can be given too, and wins over all others. */
export interface JobOptions extends ConfigInput {
  /** The module of the function: `a.b` for `a/b.ts`, a path, or a URL. */
  readonly moduleName?: string;
  /** The export that is called. @default {the option `default_method`} */
  readonly methodName?: string;
  /** The function itself, in place of its module; it may take no name from around itself. */
  // deno-lint-ignore no-explicit-any -- any function of one argument is one
  readonly fn?: (...args: any[]) => unknown;
  /**
   * The list: the function is called once for each element. A number n means 0 to n-1, a text is
   * the path of an ndjson file. Without it, there is one call, with `args` and `kwargs`.
   */
  readonly argsList?: ArgsList | null;
  /** The positional arguments of the one call of a job without a list. @default {[]} */
  readonly args?: readonly unknown[];
  /** The named arguments of that call, handed over as one object behind the others. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Run it on the configured engine, not here. @default {false} */
  readonly platformJob?: boolean;
  /** What its files are called. @default {module.method} */
  readonly name?: string;
  /** Modules that travel with the function, for engines that ship sources. */
  readonly modules?: readonly string[];
  /** Requirements of the function, as a list or a file, for engines that install them. */
  readonly requirements?: readonly string[] | string;
  /** Data files that travel with the function, as paths or patterns, for engines that ship them. */
  readonly data?: readonly string[];
  /** Further options of the engine, by its own names. */
  readonly taskKwargs?: Readonly<Record<string, unknown>>;
}

/** How one run differs from what the job says. */
export interface RunOptions {
  /** Options below what the job says, such as flags of a command. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Options above what the job says. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Who wants the lines of the results file as they come. */
  readonly sinks?: readonly ResultSink[];
  /** A file that the results go to, in place of one that is named after the job. */
  readonly output?: string;
  /** Only say what would be done. @default {false} */
  readonly isDryRun?: boolean;
  /** The run method that made the job, so that it can make its list again. */
  readonly origin?: Omit<Extract<ListSource, { kind: "method" }>, "kind">;
  /** When it is aborted nothing more is started, and what runs may finish. */
  readonly stop?: AbortSignal;
  /** Ends the run when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A job as it is started. */
export interface Startable {
  /** What its files are called. */
  readonly name: string;
  /** What it is. */
  readonly options: JobOptions;
}

/** What a run gives to whoever starts it. */
export interface RunHooks {
  /** Who wants what each task returned: the list grows while the job runs. */
  readonly taps: ResultSink[];
  /** Aborted when the run is canceled. */
  readonly signal: AbortSignal;
  /** Filled with what can be seen of the run. */
  readonly sight: Sight;
}

/** Starts a job: settles what it is told, and runs it. */
export async function start(
  job: Startable,
  options: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const settled = await settle(job, options);
  if (options.isDryRun) return await dryRun(job, settled, options, hooks);
  using log = logFile(job.name, settled.config);
  return await narrate(await makePlan(job, settled, log, options, hooks), log);
}

/** Says what would be done, and leaves nothing behind. */
async function dryRun(
  job: Startable,
  settled: Settled,
  { output: _output, ...options }: RunOptions,
  hooks: RunHooks,
): Promise<Summary> {
  const plan = await makePlan(job, settled, undefined, options, hooks);
  const { record: { id, name, length }, engine, folder, talk } = plan;
  const tasks = length === undefined ? "all tasks of its list" : `${length} tasks`;
  talk.warn(`${name}: job ${id} would run ${tasks} on ${engine.name}`);
  const preview = await previewOf(plan);
  if (preview) talk.warn(preview);
  const none = { total: 0, succeeded: 0, failed: 0, failedElements: 0, canceled: 0, reused: 0 };
  return { id, name, ...none, isInterrupted: false, ms: 0, commonErrors: [], paths: { folder } };
}

/** What an engine would do, which looks at the program as if it lay in the job's folder. */
async function previewOf(plan: RunPlan): Promise<string | undefined> {
  const bundle = await Deno.makeTempFile({ prefix: "dl_jobs_", suffix: ".js" });
  try {
    await Deno.writeTextFile(bundle, plan.code!);
    return await plan.engine.preview?.({ ...contextOf(plan), bundle });
  } finally {
    await Deno.remove(bundle);
  }
}

/** Settles what a job is told, without running it. */
export async function planOnly(job: Startable, options: RunOptions): Promise<RunPlan> {
  const hooks = { taps: [], signal: new AbortController().signal, sight: {} };
  return await makePlan(job, await settle(job, options), undefined, options, hooks);
}

/** What is said of a job with such options, and where it is kept. */
export function newTalk(config: Config, log: LineFile | undefined): Talk {
  const { noisy, quiet, progress, suppress } = config;
  return new Talk({ noisy: noisy && !quiet, progress, suppress, ...(log ? { log } : {}) });
}

/** Runs a plan, and says how it starts and how it ends. */
export async function narrate(plan: RunPlan, log: LineFile | undefined): Promise<Summary> {
  const { record: { id, name }, engine, talk } = plan;
  talk.say(`${name}: job ${id} on ${engine.name}`, {
    type: "start",
    ...{ id, name, engine: engine.name },
  });
  const summary = withNext(withLog(await execute(plan), log));
  talk.say(summaryText(summary), { type: "summary", ...summary });
  return summary;
}

/** A summary with the command that goes on; the newest job is called by a word. */
function withNext(summary: Summary): Summary {
  const { id, failed, canceled, isInterrupted, paths: { folder } } = summary;
  const isOpen = canceled > 0 || isInterrupted;
  if (!isOpen && failed === 0) return summary;
  const cwd = folder.slice(0, folder.lastIndexOf(`/${STORE}/`));
  const called = listJobsSync(cwd).at(-1) === id ? "last" : id;
  return { ...summary, next: `dl_jobs ${isOpen ? "resume" : "retry"} ${called}` };
}

/** Where a job runs is the user's choice at the command line, whatever the job says. */
export function forceEngine(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return "engine" in flags ? { engine: flags.engine, isDev: false, platformJob: true } : {};
}

/** A job's options in force, and where it runs. */
interface Settled {
  readonly config: Config;
  readonly engine: Config["engine"];
  readonly platform: boolean;
  readonly warnings: readonly string[];
}

async function settle(
  job: Startable,
  { flags = {}, overrides = {} }: RunOptions,
): Promise<Settled> {
  const { values, sources, warnings } = await loadConfig({ flags });
  const given: Record<string, unknown> = { ...job.options, ...overrides };
  const config = await withCode(values, given);
  checkWords(config);
  // Who names an engine in the code wants it, unless somebody said that this is for trying out.
  const isNamed = given.engine !== undefined;
  const isUnsaid = sources.isDev === "default" && given.isDev === undefined;
  const isDev = isNamed && isUnsaid ? false : config.isDev;
  const platform = !isDev && (isNamed || given.platformJob === true);
  return { config, platform, engine: platform ? config.engine : "local", warnings };
}

/** Reads the options that have words of their own, before there is anything of the job. */
function checkWords({ retry, maxAttempts, halt, permissions }: Config): void {
  parsePolicy(retry, maxAttempts);
  if (halt !== null) parseHalt(halt);
  permissionFlags(permissions);
}

/** The options that stand in the code, over all others. */
async function withCode(values: Config, given: Record<string, unknown>): Promise<Config> {
  const config: Record<string, unknown> = { ...values };
  const unknown = Object.keys(given).find((key) => !(key in values) && !(key in JOB_ONLY));
  if (unknown !== undefined) throw await noOption(unknown, Object.keys({ ...JOB_ONLY, ...values }));
  for (const { name } of OPTIONS) {
    const key = camelCase(name);
    if (given[key] === undefined) continue;
    config[key] = await parseOption(key, given[key], `option ${key} of the job`);
  }
  return config as unknown as Config;
}

/** The options of a job that are no options of the config file. */
const JOB_ONLY: { readonly [Name in Exclude<keyof JobOptions, keyof Config>]: true } = {
  moduleName: true,
  methodName: true,
  fn: true,
  argsList: true,
  args: true,
  kwargs: true,
  platformJob: true,
  name: true,
  modules: true,
  requirements: true,
  data: true,
  taskKwargs: true,
};

/** What a job tells its engine by its own names stands with what the configuration tells it. */
function withTaskKwargs({ config, engine }: Settled, kwargs: JobOptions["taskKwargs"]): Config {
  if (!kwargs || !(engine in config)) return config;
  const texts = Object.entries(kwargs).map(([name, value]) => [name, String(value)]);
  const own = (config as unknown as Record<string, object>)[engine];
  return { ...config, [engine]: { ...own, ...Object.fromEntries(texts) } };
}

async function noOption(key: string, known: readonly string[]): Promise<UsageError> {
  const { closestString } = await loadText();
  const near = closestString(key, known);
  return new UsageError(`Cannot use option "${key}" of the job: did you mean ${near}?`);
}

async function makePlan(
  job: Startable,
  settled: Settled,
  log: LineFile | undefined,
  options: RunOptions,
  hooks: RunHooks,
): Promise<RunPlan> {
  const talk = newTalk(settled.config, log);
  for (const warning of settled.warnings) talk.warn(`Warning: ${warning}`);
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
  if (settled.platform || config.gpus > 0) tellImage(config, talk);
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
    talk,
    ...resultFiles(job.name, config, now),
    ...(output ? { results: new LineFile(output, true) } : {}),
    sinks: options.sinks ?? [],
    taps: hooks.taps,
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

/** Code from elsewhere may do only what was asked for. */
function permissionsFor(
  target: Target,
  { config: { permissions }, engine }: Settled,
): Config["permissions"] {
  if (typeof target === "function" || !isRemote(target.module)) return permissions;
  if (permissions?.all === "true") return permissions;
  if (engine !== "inline") return { import: new URL(target.module).host, ...permissions };
  throw new UsageError(
    `Cannot run ${target.module} inline: it would run in this process, with all that it may, ` +
      "say --allow-all when you trust it",
  );
}

function stopSignals(
  { stop, signal }: Pick<RunOptions, "stop" | "signal">,
  canceled: AbortSignal,
): Pick<RunPlan, "stop" | "signal"> {
  const end = AbortSignal.any([canceled, ...(signal ? [signal] : [])]);
  return { stop: AbortSignal.any([end, ...(stop ? [stop] : [])]), signal: end };
}

/** The path of the file that was asked for, which is made anew. */
function newFile(path: string): string {
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  try {
    Deno.writeTextFileSync(absolute, "");
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
  return absolute;
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
): Promise<Target> {
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

/** Where the results and the errors of a job go. */
export function resultFiles(
  name: string,
  config: Config,
  now: Date,
): Pick<RunPlan, "results" | "errors"> {
  const { saveResults, resultsDir, saveErrors, errorsDir, resultsTimestamp } = config;
  const file = (stem: boolean | string, dir: string) =>
    new LineFile(
      filePath(
        dir,
        stem === true ? name : String(stem),
        resultsTimestamp ? now : undefined,
        "ndjson",
      ),
      !resultsTimestamp,
    );
  return {
    ...(saveResults !== false ? { results: file(saveResults, resultsDir) } : {}),
    ...(saveErrors !== false ? { errors: file(saveErrors, errorsDir) } : {}),
  };
}

/** The file that what is said of a job is kept in, if it is. */
export function logFile(name: string, { log, logDir }: Config): LineFile | undefined {
  if (log === false) return undefined;
  return new LineFile(filePath(logDir, log === true ? name : log, new Date(), "log"));
}

/** Blanks in a file's name become dots; the directory is taken as it is. */
function filePath(dir: string, stem: string, time: Date | undefined, ending: string): string {
  const name = stem.replaceAll(/[\s/\\:]+/g, ".");
  return `${dir}/${name}${time ? `_${timestamp(time)}` : ""}.${ending}`;
}

/** A module's name as people say it: of a path the file's, without its ending. */
export function shortName(module: string): string {
  const hash = module.lastIndexOf("#");
  const [path, method] = hash < 0 ? [module, ""] : [module.slice(0, hash), module.slice(hash + 1)];
  const file = path.split("/").at(-1)!.replace(/\.[mc]?[jt]sx?$/, "");
  return method ? `${file}.${method}` : file;
}

function tellImage(config: Config, talk: Talk): void {
  const { message, isWarning } = chooseImage(config);
  if (isWarning) talk.warn(`Warning: ${message}`);
  else talk.say(message);
}

function withLog(summary: Summary, log: LineFile | undefined): Summary {
  return log?.path ? { ...summary, paths: { ...summary.paths, log: log.path } } : summary;
}
