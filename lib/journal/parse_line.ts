/**
 * Lines of the journal, of a worker and of the log, which contain values of the user.
 *
 * @module
 */

import { isDict } from "../util/is_dict.ts";
import { parseJson } from "../util/parse_json.ts";
import { parseUnchanged } from "../values/exact_json.ts";

/**
 * Parses a line. The value of a returned error, and the fields of a line of the log, keep the digits
 * of their numbers when `JSON.stringify` writes them again.
 *
 * @example
 * ```ts
 * import { parseLine } from "./parse_line.ts";
 *
 * const text = '{"id":3,"fields":{"tile":9007199254740993}}';
 * if (JSON.stringify(parseLine(text)) !== text) throw new Error("other digits");
 * ```
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseLine(text: string): unknown {
  const line = parseJson(text);
  if (!isDict(line)) return line;
  // Only these parts: the code calculates with numbers such as the duration.
  if (isDict(line.fields)) line.fields = exactLine(text).fields;
  if (isDict(line.error) && isDict(line.error.value)) {
    line.error.value = exactLine(text).error!.value;
  }
  return line;
}

interface ExactLine {
  readonly fields?: unknown;
  readonly error?: { readonly value?: unknown };
}

function exactLine(text: string): ExactLine {
  return parseUnchanged(text) as ExactLine;
}
