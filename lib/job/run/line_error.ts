/**
 * The errors of tasks whose elements cannot be used: lines that cannot be read, and elements that a
 * schema refuses.
 *
 * @module
 */

import {
  badRecord,
  badSchema,
  isBadRecord,
  isBadSchema,
  NOT_TEXT,
  reasonIn,
} from "../../formats/format.ts";
import type { FailedAttempt, TaskError } from "../../journal/format.ts";
import { badLine } from "../../ndjson/bad_line.ts";
import { argsText } from "../../tasks/batch.ts";
import { elementName, type LinePlace } from "../../tasks/places.ts";
import { jsonError } from "../../util/try_json.ts";

// The types of errors of the parsers of JavaScript and of Python.
const PARSE_ERRORS: readonly string[] = ["SyntaxError", "JSONDecodeError"];

/**
 * Returns the error of a task whose element cannot be used; `undefined` for any other failure.
 *
 * @param place the place of the element. @default {unknown, because the list is not a file}
 */
export function elementError(
  failure: FailedAttempt,
  place: LinePlace | undefined,
): TaskError | undefined {
  const { id, error } = failure.event;
  if (error.class === "invalid") {
    return { ...error, message: badSchema(elementName(id, place), error.message) };
  }
  const message = lineError(failure, place);
  const type = message !== undefined && isBadSchema(message) ? "ValidationError" : "SyntaxError";
  return message === undefined ? undefined : { message, type, class: "invalid" };
}

function lineError(
  { event: { error }, args }: FailedAttempt,
  place: LinePlace | undefined,
): string | undefined {
  if (error.message.startsWith("its arguments are not UTF-8")) {
    return place ? badRecord(place.name, place.line, NOT_TEXT) : error.message;
  }
  if (!PARSE_ERRORS.includes(error.type)) return undefined;
  const text = argsText(args), cause = jsonError(text);
  if (text === "" || !cause) return undefined;
  if (isBadRecord(text)) return reasonIn(text);
  return place ? badLine(text, place.name, place.line, cause).message : error.message;
}
