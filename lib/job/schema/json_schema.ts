/**
 * JSON Schemas in files.
 *
 * @see {@link https://json-schema.org}
 *
 * @module
 */

import { type AjvError, loadAjv } from "../../deps.ts";
import { UsageError } from "../../util/errors.ts";
import { isDict } from "../../util/is_dict.ts";
import type { SchemaIssue, StandardSchema } from "../../worker/check.ts";

/** The drafts, by the last parts of the value of `$schema`. */
const DRAFTS: readonly (readonly [pattern: RegExp, draft: "2020" | "2019" | "draft7"])[] = [
  [/draft\/2020-12\/schema#?$/, "2020"],
  [/draft\/2019-09\/schema#?$/, "2019"],
  [/draft-0[67]\/schema#?$/, "draft7"],
];

// An unknown keyword is mostly a mistyped one, but the standard allows it.
const STRICT = { strict: false, strictSchema: "log" } as const;

/**
 * Reads a JSON Schema of draft 2020-12, 2019-09, 7 or 6. Without `$schema`, it is of draft 2020-12.
 *
 * @param text the text of the file
 * @param name the name of the schema in errors, such as `the schema tiles.json`
 * @param warn receives warnings about unknown keywords
 * @throws {UsageError} when the text is not a schema.
 */
export async function readJsonSchema(
  text: string,
  name: string,
  warn: (text: string) => void,
): Promise<StandardSchema> {
  const { schema, formats } = parsed(text, name), refuse = (why: string) => cannotUse(name, why);
  if (typeof schema !== "boolean" && !isDict(schema)) throw refuse("it is not a JSON Schema");
  const { Ajv, addFormats } = await loadAjv(draftOf(schema, refuse));
  const log = (message: string) => {
    warn(`Warning: ${name}: ${message.replace(/^strict mode: /, "")}`);
  };
  const logger = { log, warn: log, error: log };
  const options = { allErrors: true, useDefaults: true, verbose: true, ...PRECISION };
  const ajv = new Ajv({ ...options, ...STRICT, logger });
  addFormats(ajv);
  for (const format of formats.filter((one) => !(one in ajv.formats))) {
    log(`unknown format: "${format}"`);
    ajv.addFormat(format, true);
  }
  try {
    const validate = ajv.compile(withoutDraft(schema));
    return {
      "~standard": {
        validate(value) {
          // Defaults cannot replace the whole element.
          if (validate(value)) return { value };
          return { issues: validate.errors!.map(toIssue) };
        },
      },
    };
  } catch (error) {
    throw refuse(reasonOf(error as Error));
  }
}

// The quotient 19.99 / 0.01 is not an integer, because doubles have no decimal fractions.
const PRECISION = { multipleOfPrecision: 6 };

function reasonOf({ message, missingRef = "#" }: Error & { readonly missingRef?: string }): string {
  if (missingRef.startsWith("#")) return message;
  return `it refers to ${missingRef}, and other files are not read: copy it to its $defs`;
}

/** Parses a schema, and lists the values of its keys `format`. */
function parsed(text: string, name: string): { schema: unknown; formats: string[] } {
  const formats = new Set<string>();
  try {
    const schema = JSON.parse(text, (key, value) => {
      if (key === "format" && typeof value === "string") formats.add(value);
      return value;
    });
    return { schema, formats: [...formats] };
  } catch (cause) {
    throw cannotUse(name, `it is not JSON: ${(cause as Error).message}`);
  }
}

function draftOf(schema: boolean | Record<string, unknown>, refuse: (why: string) => UsageError) {
  const named = isDict(schema) ? schema.$schema : undefined;
  if (named === undefined) return "2020";
  const found = DRAFTS.find(([pattern]) => pattern.test(String(named)));
  if (found) return found[1];
  throw refuse(`its $schema is ${named}, the drafts 2020-12, 2019-09, 7 and 6 are known`);
}

/** Removes the name of the draft, which Ajv knows by one spelling, and draft 6 not at all. */
function withoutDraft(schema: boolean | Record<string, unknown>) {
  if (!isDict(schema)) return schema;
  const { $schema: _, ...rest } = schema;
  return rest;
}

function toIssue({ instancePath, message, keyword, params, data }: AjvError): SchemaIssue {
  const path = instancePath.split("/").slice(1).map(keyOf);
  return { message: [message, detailOf(keyword, params, data)].filter(Boolean).join(", "), path };
}

/** Returns a key of a JSON pointer. Digits are mostly an index. */
function keyOf(segment: string): PropertyKey {
  if (/^\d+$/.test(segment)) return Number(segment);
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

const MAX_SHOWN = 40;

/** Returns what the message of an issue lacks: the value, or the allowed values. */
function detailOf(keyword: string, params: Record<string, unknown>, data: unknown): string {
  const shown = (value: unknown) => JSON.stringify(value)?.slice(0, MAX_SHOWN);
  if (keyword === "enum") return `${shown(params.allowedValues)}`;
  if (keyword === "const") return `${shown(params.allowedValue)}`;
  if (keyword === "additionalProperties") return `not ${params.additionalProperty}`;
  if (keyword === "unevaluatedProperties") return `not ${params.unevaluatedProperty}`;
  const isScalar = typeof data !== "object" && data !== undefined;
  return isScalar ? `not ${shown(data)}` : "";
}

function cannotUse(name: string, why: string): UsageError {
  return new UsageError(`Cannot use ${name}: ${why}`);
}
