/**
 * Parses the values of tables of options, such as the engines' own options.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { splitWords } from "../util/shell.ts";
import { expectedValue, type OptionSpec, parseValue, tryParse } from "./option_types.ts";
import { camelCase, type TableValues } from "./options.ts";

/** Values by name, as a user writes them. */
export type GivenTexts = Readonly<Record<string, string>>;

/**
 * Parses the values of a table of options. An omitted option has its default, or is `undefined` when
 * the default is `null`. Names that are not in the table are ignored. {@linkcode namesOutside} lists
 * them.
 *
 * @param owner the job option that contains the values, such as `slurm`, for error messages
 * @returns the values by option name in camelCase.
 *
 * @example
 * ```ts
 * import { readTable } from "./option_table.ts";
 *
 * const table = [{ name: "poll", type: "duration", default: "1s", doc: "The pause." }] as const;
 * const { poll } = readTable(table, { poll: "90s" }, "compute");
 * if (poll !== 90_000) throw new Error(`${poll}`);
 * ```
 *
 * @throws {UsageError} when a value is invalid.
 */
export function readTable<const Table extends readonly OptionSpec[]>(
  table: Table,
  given: GivenTexts,
  owner: string,
): ReadValues<Table> {
  const entries = table.map((option) => {
    const text = given[option.name];
    return [camelCase(option.name), readOne(option, text, owner)];
  });
  return Object.fromEntries(entries);
}

/** The values of a table, where an option without a value is `undefined`. */
type ReadValues<Table extends readonly OptionSpec[]> = {
  readonly [Name in keyof TableValues<Table>]:
    | Exclude<TableValues<Table>[Name], null>
    | (null extends TableValues<Table>[Name] ? undefined : never);
};

function readOne(option: OptionSpec, text: string | undefined, owner: string) {
  if (text === undefined) return parseValue(option, option.default, "default") ?? undefined;
  const value = tryParse(option, text);
  if (value === undefined) {
    throw invalidValue(owner, option.name, text, expectedValue(option, text));
  }
  return value;
}

/** Returns the given names that are not in a table. */
export function namesOutside(table: readonly OptionSpec[], given: GivenTexts): string[] {
  return Object.keys(given).filter((name) => table.every((option) => option.name !== name));
}

/**
 * Checks that a table has all given names.
 *
 * @param owner the job option that contains the values, such as `ssh`, for error messages
 * @throws {UsageError} when a name is not in the table.
 */
export function checkTableNames(
  table: readonly OptionSpec[],
  given: GivenTexts,
  owner: string,
): void {
  const [unknown] = namesOutside(table, given);
  if (unknown === undefined) return;
  const names = table.map(({ name }) => name).join(", ");
  throw new UsageError(`Cannot use ${unknown} in the option ${owner}: its names are ${names}`);
}

/**
 * Creates the error for an invalid value inside a job option that contains several values.
 *
 * @example
 * ```ts
 * import { invalidValue } from "./option_table.ts";
 *
 * const { message } = invalidValue("slurm", "workers", "0", "a whole number of at least 1");
 * const expected = 'Cannot use "0" as workers in the option slurm: ' +
 *   "write a whole number of at least 1";
 * if (message !== expected) throw new Error(message);
 * ```
 */
export function invalidValue(
  owner: string,
  name: string,
  text: string,
  expected: string,
): UsageError {
  return new UsageError(
    `Cannot use "${text}" as ${name} in the option ${owner}: write ${expected}`,
  );
}

/**
 * Splits the value `command` of a table into its words.
 *
 * @param owner the job option that contains the value, for error messages
 * @param example a program that it may name
 * @throws {UsageError} when there is no word, or a quote has no end.
 */
export function commandWords(text: string, owner: string, example: string): readonly string[] {
  const words = splitWords(text) ?? [];
  if (words.length > 0) return words;
  throw invalidValue(owner, "command", text, `a program such as ${example}`);
}
