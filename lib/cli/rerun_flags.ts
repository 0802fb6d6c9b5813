/**
 * The flags of commands that call the functions of a job again.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { OptionSpec } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import type { Call } from "./command.ts";

/** The flags that set environment variables, whose values a job's record does not contain. */
export const ENV_FLAGS: readonly OptionSpec[] = OPTIONS
  .filter(({ name }) => name === "env" || name === "env_file");

/** Returns the variables that the flags of a call set. */
export async function givenEnv({ flags }: Call): Promise<Config["env"]> {
  const { env, env_file: files } = flags as { env: Config["env"]; env_file: string[] };
  if (files.length === 0) return env;
  const { readEnvFiles } = await import("../config/env_file.ts");
  return { ...await readEnvFiles(files), ...env };
}

/** The flag that replaces the interpreter of a job in Python. */
export const PYTHON_FLAG: OptionSpec = {
  ...OPTIONS.find(({ name }) => name === "python")!,
  doc: "Python interpreter; by default, that of the job.",
};

/** The flag that chooses the code of a job that runs again. */
export const CODE_FLAG: OptionSpec = {
  name: "code",
  type: "text",
  choices: ["current", "original"],
  default: null,
  doc: "Code to run: the current code, or that of the start of the job.",
};
