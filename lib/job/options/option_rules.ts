/**
 * The effects of options on each other: an option that a user has set is not ignored without a word.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { camelCase, ENGINES_WITH_OPTIONS } from "../../config/options.ts";
import type { EnvSource } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";
import { shownPath } from "../../util/paths.ts";
import { checkBwrap } from "../../worker/bwrap.ts";

/**
 * Returns the options with `cpuJob` false when a source requests GPUs that overrides the source of
 * `cpuJob`, such as `--gpus 1` and the default.
 */
export function withGpuJob({ values, sources }: LoadedConfig): Config {
  const isLater = rankOf(sources.gpus) > rankOf(sources.cpuJob);
  return values.gpus > 0 && isLater ? { ...values, cpuJob: false } : values;
}

/** Returns the position of a source in the order in which sources override each other. */
function rankOf(where: string): number {
  if (where === "default") return 0;
  if (where.startsWith("--")) return 3;
  return where.startsWith("DL_JOBS_") ? 2 : 1;
}

/**
 * Returns the source of each variable of the workers.
 *
 * @param env the variables of the option `env`, which override those in files
 * @param where the source of the option `env`
 */
export function envSources(
  env: Config["env"],
  inFiles: Config["env"],
  where: string,
): Record<string, EnvSource> {
  const rank = where === "code" ? 4 : rankOf(where);
  const sourceOf = (name: string): EnvSource => {
    if (!(name in env)) return "file";
    if (Deno.env.get(name) === env[name]) return "environment";
    return rank === 1 ? "config" : "given";
  };
  return Object.fromEntries(Object.keys({ ...inFiles, ...env }).map((n) => [n, sourceOf(n)]));
}

/** The options that have no effect on the engine `inline`. */
const NOT_INLINE = [
  ...["workers", "concurrency", "chunk", "tasks_per_worker", "timeout", "memory", "gpus"] as const,
];

/**
 * Returns warnings about options that the user set and that have no effect.
 *
 * @param given the options that code sets
 * @param engine the engine of the job
 */
export function unusedOptions(
  { sources }: LoadedConfig,
  given: Readonly<Record<string, unknown>>,
  config: Config,
  engine: string,
): string[] {
  const isSet = (name: keyof Config) => given[name] !== undefined || rankOf(sources[name]) > 1;
  const unused = engine === "inline" ? NOT_INLINE.filter((name) => isSet(camelCase(name))) : [];
  return [
    ...unused.length === 0 ? [] : [
      `the engine inline ignores ${unused.join(", ")}: it calls the function in this process`,
    ],
    ...otherEngines(sources, given, config, engine).map(([other, from]) =>
      `the job runs on ${engine}, not on ${other} (${from}): pass --engine ${other} to run it there`
    ),
    ...given.argsList && (sizeOf(given.args) > 0 || sizeOf(given.kwargs) > 0)
      ? ["the job ignores args and kwargs: it has argsList, whose elements are the arguments"]
      : [],
  ];
}

/**
 * Returns the engines that the user has named and that do not run the job, each with the source of
 * its name. A job that is to run on this machine, with `--dev` or in its code, has none from `engine`.
 */
function otherEngines(
  { engine: from, ...sources }: LoadedConfig["sources"],
  { isDev, platformJob }: Readonly<Record<string, unknown>>,
  config: Config,
  engine: string,
): [name: string, from: string][] {
  const isSaid = isDev !== undefined || sources.isDev !== "default";
  const isHere = platformJob === false || (config.isDev && isSaid);
  const isNamed = [1, 2].includes(rankOf(from)) && !isHere;
  const named = isNamed ? [[config.engine, shownPath(from)] as const] : [];
  const withFlags = ENGINES_WITH_OPTIONS.filter((name) => sources[name].startsWith("--"));
  return [...new Map([...named, ...withFlags.map((name) => [name, sources[name]] as const)])]
    .filter(([name]) => name !== engine);
}

function sizeOf(given: unknown): number {
  return Object.keys(given ?? {}).length;
}

/**
 * Refuses permissions for code that would have those of this process.
 *
 * @throws {UsageError} when the engine is `inline`, and the options limit the permissions.
 */
export function checkInline({ permissions }: Config, engine: string): void {
  if (engine !== "inline" || permissions === null || permissions.all === "true") return;
  throw new UsageError(
    "Cannot limit permissions with --engine inline: the function runs in this process, with all " +
      "its permissions, use --engine local or pass --allow-all",
  );
}

/**
 * Checks that the sandbox works, if the options ask for it and the workers run on this machine.
 *
 * @throws {UsageError} when the sandbox does not work here.
 */
export async function checkSandbox({ sandbox }: Config, engine: string): Promise<void> {
  const isHere = engine === "local" || engine === "inline";
  if (sandbox !== null && isHere) await checkBwrap();
}
