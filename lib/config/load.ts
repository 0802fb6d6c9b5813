/**
 * The options in force: defaults, the config file, the environment, flags and code.
 *
 * @module
 */

import { loadText } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import {
  findConfigFile,
  type GivenValue,
  parseConfigFile,
  RETIRED_KEYS,
  retiredWarning,
} from "./file.ts";
import { type OptionSpec, type OptionValue, parseValue } from "./option_types.ts";
import { camelCase, type Config, OPTIONS } from "./options.ts";

/** Variables with another meaning: DL_JOBS_GPUS is the number of GPUs of a machine. */
const RESERVED_ENV: ReadonlySet<string> = new Set(["DL_JOBS_GPUS"]);

/** The places that `loadConfig` reads. */
export interface LoadOptions {
  /**
   * The directory where the search for the file starts, as an absolute path.
   *
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
  /**
   * The environment: `DL_JOBS_WORKERS=4` sets `workers`. Unknown names and empty values are
   * ignored.
   *
   * @default {Deno.env.toObject()}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Values by the option's name, as a user writes them. They override all others.
   *
   * @default {{}}
   */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** The options in force, and the place that each value comes from. */
export interface LoadedConfig {
  /** The options with their values. */
  readonly values: Config;
  /** The place of each value: `default`, `/p/dl_jobs.config.yaml:7`, `DL_JOBS_LOG`, `--log`. */
  readonly sources: Readonly<Record<keyof Config, string>>;
  /** The path of the config file, when there is one. */
  readonly file?: string | undefined;
  /** Warnings for the user about values that were ignored. */
  readonly warnings: readonly string[];
}

/** An option with its value in force, and the place of that value. */
export interface OptionInForce {
  /** The entry of the table. */
  readonly option: OptionSpec;
  /** The value, parsed. */
  readonly value: OptionValue;
  /** The place, as in {@linkcode LoadedConfig.sources}. */
  readonly where: string;
}

/**
 * Reads the options from the defaults, the nearest config file, the environment and the flags. A
 * later place overrides an earlier one, and replaces a list or a map as a whole.
 *
 * @returns the values in force, their sources and warnings.
 *
 * @example
 * ```ts
 * import { loadConfig } from "./load.ts";
 *
 * const { values, sources } = await loadConfig({
 *   cwd: "/",
 *   env: { DL_JOBS_TIMEOUT: "5m" },
 *   flags: { workers: "4" },
 * });
 * if (values.timeout !== 300_000 || values.workers !== 4) throw new Error("not read");
 * if (sources.timeout !== "DL_JOBS_TIMEOUT" || sources.log !== "default") throw new Error("where?");
 * ```
 *
 * @throws {UsageError} When a name or a value is invalid, or the file is. Trying again cannot help.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const { cwd = Deno.cwd(), env = Deno.env.toObject(), flags = {} } = options;
  const file = await findConfigFile(cwd);
  const inFile = file ? await parseConfigFile(file) : [];
  const live = inFile.filter(({ name }) => !RETIRED_KEYS.has(name));
  const inForce = await optionsInForce([...live, ...envValues(env), ...flagValues(flags)]);
  return {
    values: byCamelName(inForce, ({ value }) => value) as unknown as Config,
    sources: byCamelName(inForce, ({ where }) => where),
    file: file?.path,
    warnings: inFile.filter(({ name }) => RETIRED_KEYS.has(name)).map(retiredWarning),
  };
}

/** Returns the defaults alone, without reading a file, a variable or a flag. */
export function defaultConfig(): Config {
  return byCamelName(defaults(), ({ value }) => value) as unknown as Config;
}

/**
 * Parses a value for the option of that name, in snake_case or camelCase.
 *
 * @param where the place where the value was written, for the message
 * @returns the value in the type that `Config` has for it.
 *
 * @example
 * ```ts
 * import { parseOption } from "./load.ts";
 *
 * const bytes = await parseOption("memory", "4GB", "job options");
 * if (bytes !== 4_000_000_000) throw new Error("wrong size");
 * ```
 *
 * @throws {UsageError} When the name is unknown or the value is invalid. Trying again cannot help.
 */
export async function parseOption(
  name: string,
  value: unknown,
  where: string,
): Promise<OptionValue> {
  return parseValue(await findOption(name, where), value, where);
}

function envValues(env: Readonly<Record<string, string>>): GivenValue[] {
  return OPTIONS.map(({ name }) => ({ name, where: `DL_JOBS_${name.toUpperCase()}` }))
    .filter(({ where }) => env[where] && !RESERVED_ENV.has(where))
    .map(({ name, where }) => ({ name, value: env[where], where }));
}

function flagValues(flags: Readonly<Record<string, unknown>>): GivenValue[] {
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value, where: `--${flagOf(name)}` }))
    .filter(({ value }) => value !== undefined);
}

function flagOf(name: string): string {
  const option = lookUp(name);
  return option?.flag ?? option?.name ?? name;
}

/**
 * Returns the whole table, each option with the last of the given values, or else its default.
 *
 * @throws {UsageError} When a name is unknown or a value is invalid.
 */
export async function optionsInForce(given: readonly GivenValue[]): Promise<OptionInForce[]> {
  const table = new Map(defaults().map((one) => [one.option, one]));
  for (const { name, value, where } of given) {
    const option = await findOption(name, where);
    table.set(option, { option, value: parseValue(option, value, where), where });
  }
  return [...table.values()];
}

function defaults(): OptionInForce[] {
  const where = "default";
  return OPTIONS.map((option: OptionSpec) => ({
    option,
    value: parseValue(option, option.default, where),
    where,
  }));
}

function byCamelName<T>(
  inForce: readonly OptionInForce[],
  pick: (one: OptionInForce) => T,
): Record<keyof Config, T> {
  const entries = inForce.map((one) => [camelCase(one.option.name), pick(one)]);
  return Object.fromEntries(entries);
}

async function findOption(name: string, where: string): Promise<OptionSpec> {
  const option = lookUp(name);
  if (option) return option;
  const { closestString } = await loadText();
  const nearest = closestString(name, OPTIONS.map((option) => option.name));
  throw new UsageError(`Cannot use key "${name}" (${where}): did you mean ${nearest}?`);
}

function lookUp(name: string): OptionSpec | undefined {
  return OPTIONS.find((option) => option.name === name || camelCase(option.name) === name);
}
