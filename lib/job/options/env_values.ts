/**
 * The values of a job's environment variables. The record contains only their names, because they
 * may be secrets, so a resumed job reads the values again.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { readEnvFiles } from "../../config/env_file.ts";
import { loadConfig } from "../../config/load.ts";
import { directoryOf, jobIdOf } from "../../job_dir/layout.ts";
import type { EnvSource, JobRecord } from "../../job_dir/record.ts";
import { UsageError } from "../../util/errors.ts";

/** Values by name. */
type Env = Config["env"];

/** The values of the jobs that this process has run, by folder. */
const known = new Map<string, Env>();

/** Keeps the values of a job in memory, for later runs of the job in this process. */
export function keepEnv(folder: string, env: Env): void {
  if (Object.keys(env).length > 0) known.set(folder, env);
}

/**
 * Returns the values of a job's variables. A value that was passed on comes from the environment
 * again, and that of a file from the file. A value that code or a flag contained is in this process
 * or in `given`, or else comes from the environment.
 *
 * @param folder the job's folder
 * @param given values that override all others
 * @param say reports the variables whose values may differ from those of the last run
 * @throws {UsageError} when a value is not available; the message names the variables.
 */
export async function readEnv(
  folder: string,
  record: JobRecord,
  given: Env = {},
  say: (text: string) => void = () => {},
): Promise<Env> {
  const { env: sources = {}, options } = record, inMemory = known.get(folder) ?? {};
  const names = Object.keys(sources).filter((name) => !(name in given) && !(name in inMemory));
  const namesOf = (source: EnvSource) => names.filter((name) => sources[name] === source);
  const cwd = directoryOf(folder);
  const inFiles = namesOf("file").length > 0
    ? await readEnvFiles(options.envFile.filter(isFile), cwd)
    : {};
  const inConfig = namesOf("config").length > 0 ? (await loadConfig({ cwd })).values.env : {};
  const stored: Readonly<Partial<Record<EnvSource, Env>>> = { file: inFiles, config: inConfig };
  const found: [name: string, value: string][] = [], missing: string[] = [];
  for (const name of names) {
    const value = stored[sources[name]!]?.[name] ?? Deno.env.get(name);
    if (value === undefined) missing.push(name);
    else found.push([name, value]);
  }
  if (missing.length > 0) throw cannotRead(folder, missing);
  const guessed = namesOf("given").join(", ");
  if (guessed) say(`${guessed}: read from the environment, because values are not recorded`);
  // Records of version 0.1.0 contain the values.
  return { ...options.env, ...inMemory, ...Object.fromEntries(found), ...given };
}

/**
 * Returns a record that contains the names of the given variables, and no values.
 *
 * @param env the variables of the workers
 */
export function withoutValues(record: JobRecord, env: Env): JobRecord {
  const names = Object.keys(env);
  if (names.length === 0) return record;
  const sources = names.map((name) => [name, record.env?.[name] ?? "given"] as const);
  return {
    ...record,
    options: { ...record.options, env: {} },
    env: Object.fromEntries(sources),
  };
}

/** Returns false for stdin, which cannot be read again. */
function isFile(path: string): boolean {
  return path !== "-";
}

function cannotRead(folder: string, missing: readonly string[]): UsageError {
  const id = jobIdOf(folder), [name] = missing;
  return new UsageError(
    `Cannot run job ${id} again: the values of ${missing.join(", ")} are not recorded, pass them ` +
      `with --env ${name}=VALUE or --env-file FILE, or set them in the environment`,
  );
}
