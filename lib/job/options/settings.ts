/**
 * The settings of a job, parsed from the configuration, the flags and the code. The settings of a
 * job that has run before are parsed from its record.
 *
 * @module
 */

import type { JobFunction } from "../../bundle/program/program.ts";
import { isPythonFunction } from "../../bundle/function/interpreter.ts";
import type { Config } from "../../config/config.ts";
import { readEnvFiles } from "../../config/env_file.ts";
import { loadConfig, type LoadedConfig, parseOption } from "../../config/load.ts";
import { camelCase, OPTIONS } from "../../config/options.ts";
import { permissionFlags } from "../../config/permissions.ts";
import { type EnvSource, isInModule, type JobRecord } from "../../job_dir/record.ts";
import type { Amount } from "../../tasks/amount.ts";
import { toErrorPattern } from "../../journal/error_pattern.ts";
import { parseHalt } from "../../tasks/halt.ts";
import { checkEvents } from "./notify.ts";
import { parsePolicy, type RetryPolicy } from "../../tasks/retry.ts";
import { UsageError } from "../../util/errors.ts";
import { isFromNetwork, isRemote } from "../../util/remote.ts";
import { checkPace } from "./rate_keys.ts";
import { checkWorkers } from "./worker_count.ts";
import { checkInline, envSources, unusedOptions, withGpuJob } from "./option_rules.ts";
import { checkJobOptions } from "./code_options.ts";
import { checkJobNames } from "./option_names.ts";
import type { JobOptions, RunOptions, Startable } from "./options.ts";
import { shortPath } from "../../util/paths.ts";

/** The settings of a job. */
export interface Settings {
  /** The options in force. The record stores them without the values of `env`. */
  readonly config: Config;
  /** The source of each variable in `env`, from which a resumed job reads its value again. */
  readonly envSources: Readonly<Record<string, EnvSource>>;
  /** The engine that runs the tasks. */
  readonly engine: Config["engine"];
  /** The options of the engine, under the engine's own names. */
  readonly engineOptions: Readonly<Record<string, string>>;
  /** True when the job runs on the configured engine instead of on this machine. */
  readonly isPlatform: boolean;
  /** The retry policy for each class of failure. */
  readonly retry: RetryPolicy;
  /** The pattern of errors after which a task is not tried again. */
  readonly final: RegExp | undefined;
  /** The number or share of failures after which no more tasks start. */
  readonly halt: Amount | undefined;
  /** Deno's permission flags for the function, such as `--allow-read=data`. */
  readonly permissions: readonly string[];
  /** Warnings about the configuration. */
  readonly warnings: readonly string[];
}

/** The engine of a job, and whether it is the configured engine. */
type Place = Pick<Settings, "engine" | "isPlatform">;

/**
 * Parses the settings of a new job.
 *
 * @param job the job, whose options override the configuration
 * @param options the flags and the overrides of this run
 * @throws {UsageError} when an option is unknown or its value is invalid.
 */
export async function jobSettings(
  job: Startable,
  { flags = {}, overrides = {}, loaded }: RunOptions,
): Promise<Settings> {
  checkJobOptions(job.options);
  const all = loaded ?? await loadConfig({ flags });
  const { sources, warnings } = all;
  const given: Record<string, unknown> = { ...job.options, ...overrides };
  const named = await withCode(withGpuJob(all), given);
  const place = placeOf(given, named, sources.isDev === "default");
  const { config, gpuWarnings } = await withGpusHere(named, given, place, sources);
  const { envFile } = config, inFiles = envFile.length > 0 ? await readEnvFiles(envFile) : {};
  const complete = await withTaskKwargs(
    { ...config, env: { ...inFiles, ...config.env } },
    place.engine,
    job.options.taskKwargs,
  );
  checkInline(complete, place.engine);
  checkPace(complete, place.engine);
  checkWorkers(complete, place.engine);
  return {
    ...parseSettings(complete, place, [
      ...warnings,
      ...gpuWarnings,
      ...unusedOptions(all, given, config, place.engine),
    ], (key) => given[key] === undefined ? sources[key] : `option ${key} of the job`),
    envSources: envSources(config.env, inFiles, given.env === undefined ? sources.env : "code"),
  };
}

/**
 * Takes the GPUs from a job for a platform that runs here, as with `--dev`, when this machine lacks
 * them. Such a run is a trial of its code.
 */
async function withGpusHere(
  config: Config,
  given: Record<string, unknown>,
  { isPlatform }: Place,
  sources: LoadedConfig["sources"],
) {
  const isForPlatform = given.platformJob === true || given.dlJob !== undefined;
  const isChosen = given.engine !== undefined || sources.engine !== "default";
  const isTrial = isForPlatform && !(isPlatform && isChosen);
  if (!isTrial || config.gpus === 0 || config.cpuJob) return { config, gpuWarnings: [] };
  const { availableGpus } = await import("../../engines/local/gpus.ts");
  const available = availableGpus(), { gpus } = config;
  if (available >= gpus) return { config, gpuWarnings: [] };
  const warning = `the job runs here without GPUs: it requests ${gpus}, and this machine has ` +
    available;
  return { config: { ...config, gpus: 0 }, gpuWarnings: [warning] };
}

/**
 * Parses the settings of a job that has run before.
 *
 * @param record the job's record
 * @param env the variables of the workers, whose values the record does not contain
 */
export function recordSettings(
  { engine, options, env: envSources = {} }: JobRecord,
  env: Config["env"] = options.env,
): Settings {
  const place = { engine, isPlatform: engine !== "local" };
  return { ...parseSettings({ ...options, env }, place, []), envSources };
}

function parseSettings(
  config: Config,
  place: Place,
  warnings: readonly string[],
  whereOf: (key: keyof Config) => string | undefined = () => undefined,
): Omit<Settings, "envSources"> {
  const { retry, maxAttempts, final, halt, permissions } = config;
  withPlace(whereOf("on"), () => checkEvents(config.on));
  return {
    config,
    engine: place.engine,
    engineOptions: engineOptionsOf(config, place.engine),
    isPlatform: place.isPlatform,
    retry: withPlace(whereOf("retry"), () => parsePolicy(retry, maxAttempts)),
    final: typeof final === "string"
      ? withPlace(whereOf("final"), () => toErrorPattern("final", final))
      : undefined,
    halt: halt === null ? undefined : withPlace(whereOf("halt"), () => parseHalt(halt)),
    permissions: withPlace(whereOf("permissions"), () => permissionFlags(permissions)),
    warnings,
  };
}

/** Adds the source of a value, such as a line of the config file, to the error about it. */
function withPlace<T>(where: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (where === undefined || !(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${cause.message} (${where})`, { cause });
  }
}

/** Returns the engine's own options, which are the value of the option named after the engine. */
function engineOptionsOf(config: Config, engine: string): Readonly<Record<string, string>> {
  return (config as Readonly<Record<string, unknown>>)[engine] as Record<string, string> ?? {};
}

/**
 * Chooses the configured engine if the code names an engine or sets `platformJob`. Chooses `local`
 * otherwise, or when the user asked to run on this machine.
 */
function placeOf(given: Record<string, unknown>, config: Config, isDevDefault: boolean): Place {
  const isNamed = given.engine !== undefined;
  const isUnsaid = isDevDefault && given.isDev === undefined;
  const isDev = isNamed && isUnsaid ? false : config.isDev;
  const isPlatform = !isDev && (isNamed || given.platformJob === true);
  return { isPlatform, engine: isPlatform ? config.engine : "local" };
}

/** Adds the options from the code, which override all other options. */
async function withCode(values: Config, given: Record<string, unknown>): Promise<Config> {
  const config: Record<string, unknown> = { ...values };
  await checkJobNames(given, values);
  for (const { name } of OPTIONS) {
    const key = camelCase(name);
    if (given[key] === undefined) continue;
    config[key] = await parseOption(key, given[key], `option ${key} of the job`);
  }
  if (Number(config.gpus) > 0 && given.gpus !== undefined && given.cpuJob === undefined) {
    config.cpuJob = false;
  }
  return config as unknown as Config;
}

/** Adds the job's `taskKwargs` to the configured options of the engine. */
async function withTaskKwargs(
  config: Config,
  engine: Config["engine"],
  kwargs: JobOptions["taskKwargs"],
): Promise<Config> {
  if (!kwargs || !(engine in config)) return config;
  const set = Object.entries(kwargs).filter(([, value]) => value !== null && value !== undefined);
  const texts = await parseOption(engine, Object.fromEntries(set), "option taskKwargs of the job");
  return { ...config, [engine]: { ...engineOptionsOf(config, engine), ...texts as object } };
}

/**
 * Limits the permissions of code from the network: from a URL, `npm:` or `jsr:`. Such code may
 * import from its own host, and needs the user's permission for everything else.
 *
 * @param target the job's function
 * @throws {UsageError} when the code would run in this process without `--allow-all`.
 */
export function limitRemote(settings: Settings, target: JobFunction): Settings {
  const { config, engine } = settings, { permissions } = config;
  const isPython = isPythonFunction(target);
  if (config.sandbox !== null) checkSandbox(isPython, engine);
  else if (isPython) refuseLimits(config, target.module);
  const isForeign = isInModule(target) && isFromNetwork(target.module);
  if (config.inspectable && isForeign) throw cannotInspect(target.module);
  if (permissions?.all === "true" || !isForeign) return settings;
  if (engine === "inline") throw cannotTrust(target.module);
  const limited = { ...ownHost(target.module), ...permissions };
  return {
    ...settings,
    config: { ...config, permissions: limited },
    permissions: permissionFlags(limited),
  };
}

function cannotInspect(module: string): UsageError {
  return new UsageError(
    `Cannot use --inspectable with ${module}: code from the network never accepts a debugger, ` +
      "leave out --inspectable or download the file",
  );
}

/**
 * Refuses Python code that the user does not trust, because Deno cannot limit it.
 *
 * @throws {UsageError} when the job has permissions, or the code is from the network.
 */
function refuseLimits({ permissions }: Config, module: string): void {
  const isLimited = permissions !== null && permissions.all !== "true";
  if (!isLimited && !isFromNetwork(module)) return;
  const why = isLimited
    ? "Deno's sandbox does not limit Python, and the job limits the permissions"
    : "it is from the network, and Deno's sandbox does not limit Python";
  const way = isLimited ? "leave out the permissions" : "download the file";
  throw new UsageError(
    `Cannot run ${shortPath(module)}: ${why}; pass --sandbox bwrap to run it in a sandbox of ` +
      `Linux, or ${way} if you trust the code`,
  );
}

/** @throws {UsageError} when the sandbox cannot hold the function. */
function checkSandbox(isPython: boolean, engine: string): void {
  if (!isPython) {
    throw new UsageError(
      "Cannot use --sandbox bwrap: it is for functions in Python, use --permissions for this one",
    );
  }
  if (engine === "compute") {
    throw new UsageError(
      "Cannot use --sandbox bwrap with --engine compute: the platform runs the code in its own " +
        "containers, leave it out",
    );
  }
}

/** Permits imports from the host of a module. A package registry needs no permission. */
function ownHost(module: string): { import?: string } {
  return isRemote(module) ? { import: new URL(module).host } : {};
}

function cannotTrust(module: string): UsageError {
  return new UsageError(
    `Cannot run ${module} inline: it would run in this process, with all its permissions, ` +
      "pass --allow-all if you trust it",
  );
}

/** Returns overrides that give an engine in the flags precedence over the job's code. */
export function forceEngine(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return "engine" in flags ? { engine: flags.engine, isDev: false, platformJob: true } : {};
}
