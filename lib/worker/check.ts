/**
 * The check of elements by the schema that a module exports. A worker evaluates it.
 *
 * @see {@link https://standardschema.dev | Standard Schema}
 *
 * @module
 */

import { isRawJson, toJsonText } from "../util/builtins.ts";
import { isDict } from "../util/is_dict.ts";
import { parseJson } from "../util/parse_json.ts";
import { mayChange, parseUnchanged } from "../values/exact_json.ts";
import { stringify } from "../values/stringify.ts";
import { headlineOf } from "../values/thrown.ts";

/** A schema of any library that follows Standard Schema. */
export interface StandardSchema {
  /** The functions that the standard describes. */
  readonly "~standard": {
    /** The name of the library. @default {"unknown"} */
    readonly vendor?: string | undefined;
    /** Returns the value of an element, or the reasons why it does not fit. */
    validate(value: unknown): SchemaResult | PromiseLike<SchemaResult>;
  };
}

/** The value that a schema has read from an element, or the reasons why it refuses it. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** A reason why a schema refuses an element. */
export interface SchemaIssue {
  /** The reason. */
  readonly message: string;
  /** The keys that lead to the part of the element. @default {the element itself} */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The exports of a module that may hold its schema. */
interface SchemaExports {
  readonly schema?: unknown;
  readonly default: unknown;
}

/** Returns the schema of a module: `args` of its function, or its export `args`. */
export function schemaOf({ schema, default: fn }: SchemaExports): StandardSchema | undefined {
  const own = (fn as { args?: unknown } | undefined)?.args;
  return [own, schema].find(isStandardSchema);
}

/** Returns true for a schema of a library that follows Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  const props = (value as Partial<StandardSchema> | null | undefined)?.["~standard"];
  return typeof props?.validate === "function";
}

/**
 * Returns a function that checks the line of an element, and returns a verdict as JSON text: `true`
 * for a line to keep, `[value]` for another value, a text for the reason why the schema refuses it,
 * `false` for a line that is not JSON, and `null` without a schema.
 *
 * @example
 * ```ts
 * import { checkFunction } from "./check.ts";
 *
 * const validate = (value: unknown) => ({ value: Number(value) });
 * const check = checkFunction({ "~standard": { validate } });
 * if (check("1") !== "true" || check('"2"') !== "[2]") throw new Error("other verdicts");
 * ```
 */
export function checkFunction(
  schema: StandardSchema | undefined,
): (line: string | number) => string | PromiseLike<string> {
  if (!schema) return () => "null";
  return (line) => {
    const text = String(line), element = parsed(text);
    if (element === undefined) return "false";
    // A schema may change the element itself.
    const before = toJsonText(element);
    const verdict = (result: SchemaResult) => verdictOf(result, before, text);
    try {
      const result = schema["~standard"].validate(element);
      return "then" in result ? result.then(verdict).then(undefined, broken) : verdict(result);
    } catch (error) {
      return broken(error);
    }
  };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function broken(error: unknown): string {
  return toJsonText(`the schema throws ${headlineOf(error)}`);
}

function verdictOf(result: SchemaResult, before: string, text: string): string {
  if (result.issues) return toJsonText(reasonOf(result.issues));
  if (result.value === undefined) return toJsonText("the schema makes it undefined");
  try {
    const after = stringify(result.value, "the value", refuseNonFinite);
    return after === before ? "true" : `[${withDigits(after, text)}]`;
  } catch (error) {
    return toJsonText(`its value in the schema is not JSON: ${(error as Error).message}`);
  }
}

function refuseNonFinite(path: string): never {
  throw new TypeError(`${path} is not a finite number`);
}

// More of them are only counted.
const MOST_ISSUES = 3;

function reasonOf(issues: readonly SchemaIssue[]): string {
  const texts = issues.slice(0, MOST_ISSUES).map(({ message, path = [] }) => {
    const at = path.map(keyText).join("").replace(/^\./, "");
    return at === "" ? message : `${at}: ${message}`;
  });
  const more = issues.length - texts.length;
  return (more > 0 ? [...texts, `${more} more`] : texts).join("; ");
}

function keyText(segment: PropertyKey | { readonly key: PropertyKey }): string {
  const key = typeof segment === "object" ? segment.key : segment;
  if (typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key)) return `.${key}`;
  return `[${typeof key === "string" ? toJsonText(key) : String(key)}]`;
}

/** Puts back the digits of numbers that a schema has passed on, such as 1.10. */
function withDigits(after: string, line: string): string {
  return mayChange(line) ? toJsonText(restored(parseJson(after), parseUnchanged(line))) : after;
}

function restored(value: unknown, exact: unknown): unknown {
  if (isRawJson(exact)) return Number(exact.rawJSON) === value ? exact : value;
  if (Array.isArray(value) && Array.isArray(exact)) {
    return value.map((part, i) => restored(part, exact[i]));
  }
  if (!isDict(value) || !isDict(exact)) return value;
  const parts = Object.entries(value);
  return Object.fromEntries(parts.map(([key, part]) => [key, restored(part, exact[key])]));
}
