/**
 * A job's options in force, and where it runs.
 *
 * @module
 */

import type { JobFunction } from "../bundle/program.ts";
import { loadConfig, parseOption } from "../config/load.ts";
import { camelCase, type Config, OPTIONS } from "../config/options.ts";
import { permissionFlags } from "../config/permissions.ts";
import { loadText } from "../deps.ts";
import { parseHalt } from "../tasks/halt.ts";
import { parsePolicy } from "../tasks/retry.ts";
import { UsageError } from "../util/errors.ts";
import { isRemote } from "../util/remote.ts";
import { JOB_ONLY, type JobOptions, type RunOptions, type Startable } from "./options.ts";

/** Where a job runs is the user's choice at the command line, whatever the job says. */
export function forceEngine(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return "engine" in flags ? { engine: flags.engine, isDev: false, platformJob: true } : {};
}

/** A job's options in force, and where it runs. */
export interface Settled {
  readonly config: Config;
  readonly engine: Config["engine"];
  readonly platform: boolean;
  readonly warnings: readonly string[];
}

export async function settle(
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

/** What a job tells its engine by its own names stands with what the configuration tells it. */
export function withTaskKwargs(
  { config, engine }: Settled,
  kwargs: JobOptions["taskKwargs"],
): Config {
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

/** Code from elsewhere may do only what was asked for. */
export function permissionsFor(
  target: JobFunction,
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
