/**
 * Parses the option `env`: the environment variables of the workers.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { toOneText } from "./plain_text.ts";

/** A variable and its value; `undefined` when it has no valid value. */
type Entry = readonly [name: string, value: string | undefined];

/**
 * Parses environment variables: one `NAME=VALUE`, a list of such texts, or a map. The value of a
 * text is everything after the first `=`, so a value may contain commas, `=` and newlines. A text
 * without `=` passes on the variable of that name from the environment of this process.
 *
 * @returns the values by name, or `undefined` when a name or a value is invalid.
 *
 * @example
 * ```ts
 * import { parseEnv } from "./env_option.ts";
 *
 * const env = parseEnv(["A=1,B=2", "C=x=y"]);
 * if (env?.A !== "1,B=2" || env.C !== "x=y") throw new Error("cut");
 * ```
 */
export function parseEnv(value: unknown): Record<string, string> | undefined {
  const entries = entriesOf(value);
  if (!entries?.every(isValid)) return undefined;
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * Creates the error for an invalid value. It contains no value of a variable, because that may be a
 * secret.
 *
 * @param where the source of the value
 */
export function envError(value: unknown, where: string): UsageError {
  const [name, text] = entriesOf(value)?.find((entry) => !isValid(entry)) ?? [];
  if (name === undefined || !isName(name)) {
    return new UsageError(`Cannot use the value of env (${where}): write ${EXPECTED}`);
  }
  const isBare = toList(value)?.some((text) => String(text).trim() === name);
  const reason = text !== undefined
    ? "its value contains a NUL character, which no variable can hold, remove it"
    : isBare
    ? `this variable is not set here, set it or write ${name}=VALUE`
    : isDict(value) && value[name] === undefined
    ? "its value is undefined, set it or leave the variable out"
    : "its value is not a text, write it in quotes";
  return new UsageError(`Cannot use ${name} as env (${where}): ${reason}`);
}

/** The values that the option accepts, for messages. */
export const EXPECTED = "NAME=VALUE, or the NAME of a variable that is set";

/**
 * Returns the warning about a text that older versions split: `A=1,B=2` is one variable, not two.
 *
 * @param value the value of the option, as given
 * @param where the source of the value
 */
export function envWarning(value: unknown, where: string): string | undefined {
  const text = toList(value)?.find((one) => /=.*,\s*[a-z_]\w*=/is.test(String(one)));
  if (text === undefined) return undefined;
  return `env (${where}) sets one variable, ${String(text).split("=", 1)}, with a comma in its ` +
    "value: write --env once for each variable to set several";
}

/** Returns the values that the option contains as text, without those of passed-on variables. */
export function literalValues(value: unknown): string[] {
  if (isDict(value)) return Object.values(value).map(String);
  return (toList(value) ?? []).map(String).filter((text) => text.includes("="))
    .map((text) => text.slice(text.indexOf("=") + 1));
}

/** Returns true for a variable that a process can receive: C strings, and no `=` in the name. */
export function isVariable(name: string, value: string): boolean {
  return /^[^=\0]+$/.test(name) && !value.includes("\0");
}

function entriesOf(value: unknown): readonly Entry[] | undefined {
  if (!isDict(value)) return toList(value)?.map(toEntry);
  return Object.entries(value).map(([name, one]) => [
    name,
    // Of a list, a program would get one text with commas.
    Array.isArray(one) ? undefined : toOneText(one),
  ]);
}

function toList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  // An empty text means no variables.
  return typeof value === "string" ? value.trim() === "" ? [] : [value] : undefined;
}

function toEntry(text: unknown): Entry {
  const [, name = "", value] = /^\s*([^\s=]+)\s*(?:=(.*))?$/s.exec(String(text)) ?? [];
  return [name, value ?? (isName(name) ? Deno.env.get(name) : undefined)];
}

function isValid([name, value]: Entry): boolean {
  return value !== undefined && isVariable(name, value);
}

function isName(text: string): boolean {
  return /^[a-z_]\w*$/i.test(text);
}
