/**
 * Reads the words of a command line that define parameters, such as `year=2020..2024`.
 *
 * @module
 */

import { isLikeRange, rangeOf } from "../tasks/parameters/range.ts";
import { oneLine, valuesOf } from "../tasks/parameters/value_parts.ts";
import { listedValues, type ParameterValues } from "../tasks/parameters/values.ts";
import { UsageError } from "../util/errors.ts";
import { withHome } from "../util/paths.ts";

/** Reads the values in a file: a path, a URL or `-` for stdin. */
export type ReadFile = (source: string) => Promise<ParameterValues>;

/** A parameter of a command line. */
export interface ParameterWord {
  readonly name: string;
  /** The parts of its values, in order. */
  readonly values: readonly ParameterValues[];
}

/**
 * Reads a parameter: `NAME=VALUES` or `NAME:=JSON`.
 *
 * `VALUES` are separated by commas: ranges, `@FILE`, or the words of JSON for numbers, `true`,
 * `false` and `null`. Another word is a text, and so is a word in double quotes. The elements of a
 * JSON array are values, and other JSON is one value.
 *
 * @param flag the flag before the word, for messages
 * @param isForFunction true when a function receives the values, in which numbers have no last zeros
 * @throws {UsageError} when the word is not a parameter, or has no values.
 */
export async function readParameter(
  word: string,
  flag: string,
  readFile: ReadFile,
  isForFunction: boolean,
): Promise<ParameterWord> {
  const [, name, sign, text = ""] = /^([^=]+?)(:?=)(.*)$/s.exec(word) ?? [];
  if (name === undefined) {
    throw new UsageError(
      `Cannot use "${word}" with ${flag}: write NAME=VALUES, such as year=2020..2024 or band=nir,red`,
    );
  }
  const cannot = (reason: string) => new UsageError(`Cannot use ${word}: ${reason}`);
  if (sign === ":=") return { name, values: [readJson(text, cannot)] };
  const values: (ParameterValues | Promise<ParameterValues>)[] = [];
  let listed: string[] = [];
  const flush = () => {
    const facts = isForFunction ? zerosLost(name, listed) : [];
    if (listed.length > 0) values.push(listedValues(listed, { facts }));
    listed = [];
  };
  for (const item of itemsOf(text, cannot)) {
    const json = jsonOf(item, `${name}:=`, cannot);
    if (json !== undefined) listed.push(json);
    else {
      flush();
      values.push(item.startsWith("@") ? fileValues(item, readFile) : rangeOf(item));
    }
  }
  flush();
  return { name, values: await Promise.all(values) };
}

/** Returns a fact when a number among the values may be a version: 3.10 follows 3.9, but is 3.1. */
function zerosLost(name: string, values: readonly string[]): [string][] {
  const fractions = values.filter((value) => /^-?\d+\.\d+$/.test(value));
  const digits = new Set(fractions.map((value) => value.length - value.indexOf(".")));
  const shortened = fractions.find((value) => /\.\d*[1-9]0+$/.test(value));
  // Amounts such as 1.25 and 1.50 have the same number of digits.
  if (shortened === undefined || (digits.size === 1 && fractions.length > 1)) return [];
  return [[
    `${name}=${shortened} is a number, ${Number(shortened)} for a function: ` +
    `for a text, write '"${shortened}"' with both quotes`,
  ]];
}

async function fileValues(item: string, readFile: ReadFile): Promise<ParameterValues> {
  try {
    return await readFile(withHome(item.slice(1)));
  } catch (cause) {
    if (!(cause instanceof UsageError) || !cause.message.includes("no such file")) throw cause;
    throw new UsageError(`${cause.message}; for a text, write '"${item}"' with both quotes`, {
      cause,
    });
  }
}

type Cannot = (reason: string) => UsageError;

function readJson(text: string, cannot: Cannot): ParameterValues {
  let json;
  try {
    json = oneLine(text);
  } catch (cause) {
    throw cannot(`it is not JSON (${(cause as Error).message}), write NAME=VALUES for plain words`);
  }
  const values = json.startsWith("[") ? valuesOf(json) : listedValues([json]);
  if (values.length === 0) throw cannot("the list is empty, write at least one value");
  return values;
}

/** Splits values at their commas, except those in quotes, and drops blanks around them. */
function* itemsOf(text: string, cannot: Cannot): Generator<string> {
  const item = /\s*("(?:[^"\\]|\\.)*"|[^,]*?)\s*(,|$)/sy;
  for (let isLast = false; !isLast;) {
    const [, value, end] = item.exec(text) ?? [];
    if (value === undefined) throw cannot("a comma must follow a text in quotes");
    if (value === "") throw cannot('a value is empty, write "" with its quotes for an empty text');
    yield value;
    isLast = end === "";
  }
}

const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** Returns the JSON text of a value; `undefined` for a range and a file. */
function jsonOf(item: string, assign: string, cannot: Cannot): string | undefined {
  if (SCALAR.test(item)) return item;
  if (item.startsWith('"')) return quoted(item, cannot);
  if (/^[[{]/.test(item)) throw cannot(`${item} looks like JSON, write '${assign}JSON'`);
  return item.startsWith("@") || isLikeRange(item) ? undefined : JSON.stringify(item);
}

function quoted(item: string, cannot: Cannot): string {
  try {
    return oneLine(item);
  } catch {
    throw cannot(`${item} is not a text in quotes`);
  }
}
