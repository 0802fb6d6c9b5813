/**
 * The options in force: defaults, the config file, the environment, flags and code.
 *
 * @module
 */

import { loadText } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { fileSettings, findFile, RETIRED, retiredWarning, type Setting } from "./file.ts";
import { type Option, type OptionValue, parseValue } from "./option_types.ts";
import { camelCase, type Config, OPTIONS } from "./options.ts";

/** Taken by something else: here a machine's number of GPUs, not how many a task needs. */
const RESERVED_ENV: ReadonlySet<string> = new Set(["DL_JOBS_GPUS"]);

/** Where `loadConfig` looks. */
export interface LoadOptions {
  /**
   * The directory where the search for the file starts, as an absolute path.
   *
   * @default {Deno.cwd()}
   */
  readonly cwd?: string;
  /**
   * The environment: `DL_JOBS_WORKERS=4` sets `workers`. Unknown names and empty values are passed
   * over.
   *
   * @default {Deno.env.toObject()}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Values by the option's name, as a user writes them. They win over all others.
   *
   * @default {{}}
   */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** What is in force, and why. */
export interface LoadedConfig {
  /** The options with their values. */
  readonly values: Config;
  /** Where each value comes from: `default`, `/p/dl_jobs.config.yaml:7`, `DL_JOBS_LOG`, `--log`. */
  readonly sources: Readonly<Record<keyof Config, string>>;
  /** The config file, when there is one. */
  readonly file?: string;
  /** Sentences that the user should see, but that stop nothing. */
  readonly warnings: readonly string[];
}

/** An option, the value that it got in the end, and from where. */
interface Settled {
  readonly option: Option;
  readonly value: OptionValue;
  readonly where: string;
}

/**
 * Gathers the options: defaults, then the nearest config file, then the environment, then flags. The
 * later wins, and replaces a list or a map as a whole.
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
 * @throws {UsageError} When a name or a value is wrong, or the file is no YAML. Trying again cannot
 * help.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const { cwd = Deno.cwd(), env = Deno.env.toObject(), flags = {} } = options;
  const file = await findFile(cwd);
  const inFile = file ? await fileSettings(file) : [];
  const live = inFile.filter(({ name }) => !RETIRED.has(name));
  const settled = await settle([...live, ...envSettings(env), ...flagSettings(flags)]);
  return {
    values: byCamelName(settled, ({ value }) => value) as unknown as Config,
    sources: byCamelName(settled, ({ where }) => where),
    ...(file && { file: file.path }),
    warnings: inFile.filter(({ name }) => RETIRED.has(name)).map(retiredWarning),
  };
}

/** The defaults alone, with no look at any file, variable or flag. */
export function defaultConfig(): Config {
  return byCamelName(defaults(), ({ value }) => value) as unknown as Config;
}

/**
 * Reads one value for the option of that name, in snake_case or camelCase. `where` is for the
 * message: the place where the value was written.
 *
 * @example
 * ```ts
 * import { parseOption } from "./load.ts";
 *
 * const bytes = await parseOption("memory", "4GB", "job options");
 * if (bytes !== 4_000_000_000) throw new Error("wrong size");
 * ```
 *
 * @throws {UsageError} When the name is unknown or the value is wrong. Trying again cannot help.
 */
export async function parseOption(
  name: string,
  value: unknown,
  where: string,
): Promise<OptionValue> {
  return parseValue(await findOption(name, where), value, where);
}

function envSettings(env: Readonly<Record<string, string>>): Setting[] {
  return OPTIONS.map(({ name }) => ({ name, where: `DL_JOBS_${name.toUpperCase()}` }))
    .filter(({ where }) => env[where] && !RESERVED_ENV.has(where))
    .map(({ name, where }) => ({ name, value: env[where], where }));
}

function flagSettings(flags: Readonly<Record<string, unknown>>): Setting[] {
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value, where: `--${flagOf(name)}` }))
    .filter(({ value }) => value !== undefined);
}

function flagOf(name: string): string {
  const option = lookUp(name);
  return option?.flag ?? option?.name ?? name;
}

/** The whole table, each option with the last value that was set, or else its default. */
export async function settle(settings: readonly Setting[]): Promise<Settled[]> {
  const table = new Map(defaults().map((settled) => [settled.option, settled]));
  for (const { name, value, where } of settings) {
    const option = await findOption(name, where);
    table.set(option, { option, value: parseValue(option, value, where), where });
  }
  return [...table.values()];
}

function defaults(): Settled[] {
  const where = "default";
  return OPTIONS.map((option: Option) => ({
    option,
    value: parseValue(option, option.default, where),
    where,
  }));
}

function byCamelName<T>(
  settled: readonly Settled[],
  pick: (settled: Settled) => T,
): Record<keyof Config, T> {
  const entries = settled.map((each) => [camelCase(each.option.name), pick(each)]);
  return Object.fromEntries(entries);
}

async function findOption(name: string, where: string): Promise<Option> {
  const option = lookUp(name);
  if (option) return option;
  const { closestString } = await loadText();
  const nearest = closestString(name, OPTIONS.map((option) => option.name));
  throw new UsageError(`Cannot use key "${name}" (${where}): did you mean ${nearest}?`);
}

function lookUp(name: string): Option | undefined {
  return OPTIONS.find((option) => option.name === name || camelCase(option.name) === name);
}
