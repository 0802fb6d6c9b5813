/**
 * The errors of tasks whose lines in the list cannot be read.
 *
 * @module
 */

import { isBadRecord } from "../formats/format.ts";
import type { FailedAttempt } from "../journal/format.ts";
import { badLine } from "../ndjson/bad_line.ts";
import { argsText } from "../tasks/batch.ts";
import type { LinePlace } from "../tasks/places.ts";

// The types of errors of the parsers of JavaScript and of Python.
const PARSE_ERRORS: readonly string[] = ["SyntaxError", "JSONDecodeError"];

/**
 * Returns the message for a task whose line is not JSON in UTF-8; `undefined` for any other failure.
 *
 * @param place the place of the line. @default {unknown, because an earlier run read the line}
 */
export function lineError(
  { event: { error }, args }: FailedAttempt,
  place: LinePlace | undefined,
): string | undefined {
  if (error.message.startsWith("its arguments are not UTF-8")) {
    return place
      ? `Cannot read ${place.name}:${place.line}: it is not UTF-8, convert the list, or name its ` +
        "encoding: --encoding latin1"
      : error.message;
  }
  const text = PARSE_ERRORS.includes(error.type) ? argsText(args) : "", cause = parseError(text);
  if (text === "" || !cause) return undefined;
  if (isBadRecord(text)) return text;
  return place ? badLine(text, place.name, place.line, cause).message : error.message;
}

function parseError(text: string): SyntaxError | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}
