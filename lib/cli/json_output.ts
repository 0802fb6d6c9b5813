/**
 * The JSON that commands print for programs: one object, whose first fields are the same for every
 * command.
 *
 * @module
 */

import { codeOf, type ErrorCode, type ErrorFacts } from "../util/errors.ts";
import { docsOf } from "./error_docs.ts";
import { print, printAll } from "./output.ts";

/** The version of the JSON. A field that is removed or changes its meaning needs a new one. */
const SCHEMA_VERSION = 1;

/** The reason for an exit status other than 0. */
export interface JsonError {
  /** The kind of the reason. The codes of a version do not change. */
  readonly code: ErrorCode;
  /** The reason, for a user. */
  readonly message: string;
  /** The command to run next. */
  readonly next?: string | undefined;
  /** The words with which `dl_jobs docs` explains it. */
  readonly docs?: string | undefined;
}

/** The fields of every command's JSON. */
export interface JsonEnvelope {
  /** The version of the JSON. */
  readonly schema_version: typeof SCHEMA_VERSION;
  /** True when the exit status is 0. */
  readonly ok: boolean;
  /** The reason for any other exit status. */
  readonly error?: JsonError | undefined;
}

/**
 * Prints the JSON of a command.
 *
 * @param fields the command's own fields
 * @param error the reason for an exit status other than 0
 */
export async function printJson<Fields extends object>(
  fields: Fields,
  error?: JsonError,
): Promise<void> {
  await print(JSON.stringify({ ...envelopeOf(error), ...fields }) + "\n");
}

/**
 * Prints the JSON of a command whose only field is as long as the data of a job.
 *
 * @param name the field's name
 * @param value the field's value as JSON, in parts. Prints nothing if the first part fails.
 */
export async function printJsonField(
  name: string,
  value: AsyncIterable<string>,
  error?: JsonError,
): Promise<void> {
  await printAll(jsonField(`${JSON.stringify(envelopeOf(error)).slice(0, -1)},"${name}":`, value));
}

/** Yields the object with one field in parts, the first of which begins with `head`. */
async function* jsonField(head: string, value: AsyncIterable<string>): AsyncGenerator<string> {
  let before = head;
  for await (const part of value) {
    yield before + part;
    before = "";
  }
  yield "}\n";
}

function envelopeOf(error?: JsonError): JsonEnvelope {
  const docs = error && docsOf(error.code, error.message);
  return { schema_version: SCHEMA_VERSION, ok: !error, error: error && { ...error, docs } };
}

/** Joins JSON texts to the text of a list, as they are read. */
export async function* jsonList(elements: AsyncIterable<string>): AsyncGenerator<string> {
  let separator = "[";
  for await (const element of elements) {
    yield `${separator}\n${element}`;
    separator = ",";
  }
  yield separator === "[" ? "[]" : "\n]";
}

/** Prints the JSON of a command that threw an error. */
export async function printJsonError(error: unknown, message: string): Promise<void> {
  const { next } = (error ?? {}) as ErrorFacts;
  await printJson({}, { code: codeOf(error), message, next });
}

/** Returns true when a command line asks for JSON. */
export function asksJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--"), flags = end < 0 ? argv : argv.slice(0, end);
  return flags.some((flag) => /^--json(=|$)/.test(flag));
}
