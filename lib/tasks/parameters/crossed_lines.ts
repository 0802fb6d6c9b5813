/**
 * Combines the records of files with parameters.
 *
 * @module
 */

import { badRecord, isBadRecord, NOT_TEXT } from "../../formats/format.ts";
import { badLine } from "../../ndjson/bad_line.ts";
import { textOf } from "../../util/builtins.ts";
import { isDict } from "../../util/is_dict.ts";
import { parseJson } from "../../util/parse_json.ts";
import { jsonError, tryJson } from "../../util/try_json.ts";
import type { LinePlace } from "../places.ts";
import type { ParameterList } from "./parameter_list.ts";

/** The key of a record that is not an object. */
const ROW = "row";

/** A record, and the place of its line. */
export interface Row {
  readonly args: Uint8Array;
  readonly place: LinePlace;
}

/**
 * Yields the combinations of rows and parameters as lines of JSON. A row that cannot be combined
 * yields one line, whose task fails.
 */
export function* crossedLines(rows: Iterable<Row>, parameters: ParameterList): Generator<string> {
  const { names } = parameters;
  for (const { args, place } of rows) {
    const text = textOf(args), start = text === undefined ? undefined : startOf(text, names);
    if (start !== undefined) {
      const end = names.length > 0 ? "}\n" : "]\n";
      for (const part of parameters.texts()) yield start + part + end;
    } else yield badRow(text, place, names) + "\n";
  }
}

/** Returns the beginning of each combination; `undefined` for a row that cannot be combined. */
function startOf(text: string, names: readonly string[]): string | undefined {
  const row = tryJson(text);
  if (row === undefined || clashOf(row, names) !== undefined) return undefined;
  if (names.length === 0) return `[${text},`;
  if (!isDict(row)) return `{"${ROW}":${text},`;
  return Object.keys(row).length === 0 ? "{" : `${text.slice(0, -1)},`;
}

/** Returns the name of a parameter that is also a key of a row. */
function clashOf(row: unknown, names: readonly string[]): string | undefined {
  const keys = isDict(row) ? row : { [ROW]: row };
  return names.find((name) => Object.hasOwn(keys, name));
}

function badRow(
  text: string | undefined,
  { name, line }: LinePlace,
  names: readonly string[],
): string {
  if (text === undefined) return badRecord(name, line, NOT_TEXT);
  if (isBadRecord(text)) return text;
  const error = jsonError(text);
  if (error) return badLine(text, name, line, error).message;
  const clash = clashOf(parseJson(text), names);
  return badRecord(name, line, `it has the key ${clash}, as a parameter has`);
}

/**
 * Returns the reason why a row cannot be combined with parameters that have one of its keys.
 *
 * @param line the JSON text of the row
 */
export function clashText(line: string, parameters: ParameterList): string | undefined {
  const clash = clashOf(tryJson(line), parameters.names);
  return clash === undefined
    ? undefined
    : `it has the key ${clash}, give the parameter ${clash} another name`;
}
