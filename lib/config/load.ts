/**
 * Loads the options in force from the defaults, the config file, the environment and the flags.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { envWarning } from "./env_option.ts";
import {
  findConfigFile,
  type GivenValue,
  nameWarning,
  parseConfigFile,
  RETIRED_KEYS,
  retiredWarning,
} from "./file.ts";
import { type OptionSpec, type OptionValue, parseValue } from "./option_types.ts";
import { camelCase, type Config, OPTIONS } from "./options.ts";
import { unknownVariables, valuesOfVariables } from "./variables.ts";

/** The sources that `loadConfig` reads. */
export interface LoadOptions {
  /**
   * The absolute path of the directory where the search for the config file starts.
   *
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
  /**
   * The environment variables by name. `DL_JOBS_WORKERS=4` sets `workers`. Unknown names are ignored
   * with a warning, and empty values without one.
   *
   * @default {Deno.env.toObject()}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Values by option name, in the form that a user writes. They override all other sources.
   *
   * @default {none}
   */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** The options in force, and the source of each value. */
export interface LoadedConfig {
  /** The value of each option. */
  readonly values: Config;
  /** The source of each value: `default`, `/p/dl_jobs.config.yaml:7`, `DL_JOBS_LOG`, `--log`. */
  readonly sources: Readonly<Record<keyof Config, string>>;
  /** The path of the config file; `undefined` when there is none. */
  readonly file?: string | undefined;
  /** Warnings for the user about values that were ignored. */
  readonly warnings: readonly string[];
}

/** An option, its value in force, and the source of that value. */
export interface OptionInForce {
  /** The option's entry in the table. */
  readonly option: OptionSpec;
  /** The parsed value. */
  readonly value: OptionValue;
  /** The source, as in {@linkcode LoadedConfig.sources}. */
  readonly where: string;
}

/**
 * Reads the options from the defaults, the nearest config file, the environment and the flags.
 * Later sources override earlier ones, and replace lists and maps as a whole.
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
 * @throws {UsageError} when a name, a value or the file is invalid.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const { cwd = Deno.cwd(), env = Deno.env.toObject(), flags = {} } = options;
  const file = await findConfigFile(cwd);
  const inFile = file ? await parseConfigFile(file) : [];
  const live = inFile.filter(({ name }) => !RETIRED_KEYS.has(name));
  checkTwice(live);
  const given = [...live, ...valuesOfVariables(env), ...flagValues(flags)];
  const inForce = await optionsInForce(given);
  return {
    values: byCamelName(inForce, ({ value }) => value) as unknown as Config,
    sources: byCamelName(inForce, ({ where }) => where),
    file: file?.path,
    warnings: [
      nameWarning(cwd),
      ...inFile.filter(isRetired).map(retiredWarning),
      ...await unknownVariables(env),
      ...given.filter(({ name }) => name === "env").map(({ value, where }) =>
        envWarning(value, where)
      ),
    ].filter((warning) => warning !== undefined),
  };
}

/** Returns true for a retired key with a value that a user has chosen. */
function isRetired({ name, value }: GivenValue): boolean {
  return RETIRED_KEYS.has(name) && RETIRED_KEYS.get(name) !== value;
}

/** Refuses a file that sets one option under both of its names, such as a_b and aB. */
function checkTwice(given: readonly GivenValue[]): void {
  const options = given.map(({ name }) => optionNamed(name));
  const at = options.findIndex((option, index) => option && options.indexOf(option) !== index);
  if (at < 0) return;
  const { name, where } = given[at]!;
  throw new UsageError(
    `Cannot use key "${name}" (${where}): the option ${options[at]!.name} is set twice, remove one`,
  );
}

/** Returns the default of every option. */
export function defaultConfig(): Config {
  return byCamelName(defaults(), ({ value }) => value) as unknown as Config;
}

/**
 * Parses a value of the option with the given name, in snake_case or camelCase.
 *
 * @param where the source of the value, for error messages
 * @returns the value, with the type that it has in `Config`.
 *
 * @example
 * ```ts
 * import { parseOption } from "./load.ts";
 *
 * const bytes = await parseOption("memory", "4GB", "job options");
 * if (bytes !== 4_000_000_000) throw new Error("wrong size");
 * ```
 *
 * @throws {UsageError} when the name is unknown or the value is invalid.
 */
export async function parseOption(
  name: string,
  value: unknown,
  where: string,
): Promise<OptionValue> {
  return parseValue(await findOption(name, where), value, where);
}

function flagValues(flags: Readonly<Record<string, unknown>>): GivenValue[] {
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value, where: `--${flagOf(name)}` }))
    .filter(({ value }) => value !== undefined);
}

function flagOf(name: string): string {
  const option = optionNamed(name);
  return option?.flag ?? option?.name ?? name;
}

/**
 * Returns every option of the table with its last given value, or with its default.
 *
 * @throws {UsageError} when a name is unknown or a value is invalid.
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
  const option = optionNamed(name);
  if (option) return option;
  const { nearestOption } = await import("./option_synonyms.ts");
  const near = await nearestOption(name, OPTIONS.map((option) => option.name));
  const way = near === undefined
    ? "see dl_jobs config --info for the keys"
    : `did you mean ${near}?`;
  throw new UsageError(`Cannot use key "${name}" (${where}): ${way}`);
}

/** Returns the option with a name, in snake_case or camelCase, or with the name of its flag. */
export function optionNamed(name: string): OptionSpec | undefined {
  return OPTIONS.find((option: OptionSpec) =>
    option.name === name || camelCase(option.name) === name || option.flag === name
  );
}
