/**
 * The names of the options of the library's functions. Code that is not type-checked, such as that
 * of a session or of `deno run`, may use any name.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { camelCase, OPTIONS } from "../../config/options.ts";
import { UsageError } from "../../util/errors.ts";
import { JOB_ONLY, type RunOptions } from "./options.ts";

/** The names of some options. */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true };

const CONFIG_NAMES: readonly string[] = OPTIONS.map(({ name }) => camelCase(name));

/** The names of the options of one run. */
const RUN: OptionNames<RunOptions> = {
  flags: true,
  cuts: true,
  reduce: true,
  by: true,
  checks: true,
  overrides: true,
  outputSinks: true,
  noisySinks: true,
  output: true,
  outputOptions: true,
  isDryRun: true,
  canary: true,
  origin: true,
  stop: true,
  signal: true,
  onBegin: true,
  loaded: true,
};

/**
 * Refuses an option of a job that does not exist.
 *
 * @param given the options of the code
 * @param values the configured options, by their names in camelCase
 * @throws {UsageError} with the name of the option that is meant.
 */
export async function checkJobNames(given: object, values: Config): Promise<void> {
  const known = { ...JOB_ONLY, ...values };
  const key = Object.keys(given).find((name) => !(name in known));
  if (key === undefined) return;
  throw await noOption(key, Object.keys(known), "of the job", {
    names: Object.keys(RUN),
    way: (key) => `it belongs to the run, write job.run({ ${key} })`,
    options: "the options are those of dl_jobs config --info, in camelCase",
  });
}

/**
 * Refuses an option of `Job.run()` that does not exist.
 *
 * @throws {UsageError} with the place for an option of the job.
 */
export async function checkRunNames(given: object): Promise<void> {
  await checkOptionNames(given, Object.keys(RUN), "of run()", {
    names: [...CONFIG_NAMES, ...Object.keys(JOB_ONLY)],
    way: (key) =>
      CONFIG_NAMES.includes(key)
        ? `set it in the job, or write overrides: { ${key} }`
        : "set it in the job",
  });
}

/**
 * Refuses an option of the function `run` that does not exist, such as an argument of the method.
 *
 * @throws {UsageError} with the places of arguments and of options.
 */
export async function checkMethodNames(given: object): Promise<void> {
  const { overrides: _, ...known } = RUN;
  await checkOptionNames(given, Object.keys(known), "of run()", {
    names: Object.keys(given),
    way: (key) =>
      CONFIG_NAMES.includes(key)
        ? `write flags: { ${key} }`
        : `write kwargs: { ${key} } for an argument of the method`,
  });
}

/** The options that belong elsewhere. */
interface Elsewhere {
  /** The names of the options that belong elsewhere. */
  readonly names: readonly string[];
  /** Returns what to write for an option that belongs elsewhere. */
  readonly way: (key: string) => string;
  /** The text about the options that exist. @default {their names} */
  readonly options?: string;
}

/**
 * Refuses an option of a function that does not exist. An option without a value is accepted.
 *
 * @param owner the owner of the options, such as `of run()`
 * @throws {UsageError} with the option that is meant, or the place where it belongs.
 */
export async function checkOptionNames(
  given: object,
  known: readonly string[],
  owner: string,
  elsewhere: Elsewhere = { names: [], way: String },
): Promise<void> {
  const key = Object.entries(given).find(([name, value]) =>
    value !== undefined && !known.includes(name)
  )?.[0];
  if (key !== undefined) throw await noOption(key, known, owner, elsewhere);
}

async function noOption(
  key: string,
  known: readonly string[],
  owner: string,
  { names, way, options = `the options are ${known.join(", ")}` }: Elsewhere,
): Promise<UsageError> {
  const { nearestOption } = await import("../../config/option_synonyms.ts");
  const near = await nearestOption(key, known);
  const advice = names.includes(key)
    ? way(key)
    : near === undefined
    ? options
    : `did you mean ${near}?`;
  return new UsageError(`Cannot use option "${key}" ${owner}: ${advice}`);
}
