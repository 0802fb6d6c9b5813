/**
 * The variables `DL_JOBS_<OPTION>` of the environment, which set options.
 *
 * @module
 */

import { loadText } from "../deps.ts";
import type { GivenValue } from "./file.ts";
import type { OptionSpec } from "./option_types.ts";
import { OPTIONS } from "./options.ts";

const PREFIX = "DL_JOBS_";

/**
 * Variables that do not set options: `DL_JOBS_GPUS` is the number of GPUs of a machine, and the
 * others describe a task to the program that it starts.
 */
const OTHERS: ReadonlySet<string> = new Set(
  ["GPUS", "JOB", "TASK", "ATTEMPT", "DIR", "TRUST"].map((name) => PREFIX + name),
);

/** Returns the options that variables set. Variables with an empty value are ignored. */
export function valuesOfVariables(env: Readonly<Record<string, string>>): GivenValue[] {
  return OPTIONS.map(({ name }) => ({ name, where: variableOf(name) }))
    .filter(({ where }) => env[where] && !OTHERS.has(where))
    .map(({ name, where }) => ({ name, value: env[where], where }));
}

/** Returns a warning for each variable with the prefix that sets no option. */
export async function unknownVariables(env: Readonly<Record<string, string>>): Promise<string[]> {
  const known = new Set(OPTIONS.map(({ name }) => variableOf(name)));
  const unknown = Object.keys(env).filter((name) =>
    name.startsWith(PREFIX) && !name.startsWith(`${PREFIX}TEST_`) && !OTHERS.has(name) &&
    !known.has(name)
  );
  if (unknown.length === 0) return [];
  const { closestString } = await loadText();
  const { meantOption } = await import("./option_synonyms.ts");
  return unknown.map((name) => {
    const meant = meantOption(name.slice(PREFIX.length));
    const option = OPTIONS.find(({ name: own, flag }: OptionSpec) =>
      own === meant || flag && variableOf(flag) === name
    );
    const nearest = option ? variableOf(option.name) : closestString(name, [...known]);
    return `${name} sets no option and is ignored: did you mean ${nearest}?`;
  });
}

function variableOf(name: string): string {
  return PREFIX + name.toUpperCase();
}
