/**
 * The variables `DL_JOBS_<OPTION>` of the environment, which set options.
 *
 * @module
 */

import { loadText } from "../deps.ts";
import type { GivenValue } from "./file.ts";
import type { OptionSpec } from "./option_types.ts";
import { OPTIONS } from "./options.ts";

const PREFIX = "DL_JOBS_", TESTS = `${PREFIX}TEST_`;

/**
 * Variables that do not set options: `DL_JOBS_GPUS` is the number of GPUs of a machine, and the
 * others describe a task to the program that it starts.
 */
const OTHERS: ReadonlySet<string> = new Set(
  ["GPUS", "JOB", "TASK", "ATTEMPT", "DIR", "SLOT", "TRUST"].map((name) => PREFIX + name),
);

/** Returns the options that variables set. Variables with an empty value are ignored. */
export function valuesOfVariables(env: Readonly<Record<string, string>>): GivenValue[] {
  return OPTIONS.flatMap(({ name }) => {
    const where = optionVariable(name);
    return where !== undefined && env[where] ? [{ name, value: env[where], where }] : [];
  });
}

/** Returns a warning for each variable with the prefix that sets no option. */
export async function unknownVariables(env: Readonly<Record<string, string>>): Promise<string[]> {
  const known = new Set(OPTIONS.flatMap(({ name }) => optionVariable(name) ?? []));
  const isOurs = (name: string) => known.has(name) || OTHERS.has(name) || name.startsWith(TESTS);
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !isOurs(name));
  if (unknown.length === 0) return [];
  const { closestString } = await loadText();
  const { meantOption } = await import("./option_synonyms.ts");
  return unknown.map((variable) => {
    const meant = meantOption(variable.slice(PREFIX.length));
    const option = OPTIONS.find(({ name, flag }: OptionSpec) =>
      name === meant || flag && variableOf(flag) === variable
    );
    const nearest = option ? optionVariable(option.name) : closestString(variable, [...known]);
    const way = nearest === undefined
      ? `no variable sets ${option!.name}, pass --${option!.name}`
      : `did you mean ${nearest}?`;
    return `${variable} sets no option and is ignored: ${way}`;
  });
}

/** Returns the variable that sets an option; `undefined` when none does. */
export function optionVariable(name: string): string | undefined {
  const variable = variableOf(name);
  return OTHERS.has(variable) ? undefined : variable;
}

function variableOf(name: string): string {
  return PREFIX + name.toUpperCase();
}
