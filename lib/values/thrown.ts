/**
 * Descriptions of thrown values. A thrown value may be anything: huge, a proxy, an error whose
 * getters throw. None of these functions throws, and all texts are bounded.
 *
 * @module
 */

import {
  asText,
  hasInstance,
  isErrorObject,
  isList,
  matches,
  sliceText,
  toJsonText,
} from "../util/builtins.ts";

/** `Deno.inspect`, captured like the built-in functions. */
export const inspectValue: typeof Deno.inspect = Deno.inspect;

/** The longest message, and the longest stack, in characters. */
export const MAX_MESSAGE = 64 * 1024;

// The number of inner errors of an error, and the length of their messages.
const MAX_INNER = 10, MAX_INNER_MESSAGE = 200;

/** Cuts a text, and adds a note with its length. */
export function boundedText(text: string, most = MAX_MESSAGE): string {
  if (text.length <= most) return text;
  return `${sliceText(text, 0, most)}... (cut, it has ${text.length} characters)`;
}

/** Calls a function. Returns undefined when it throws. */
export function unlessThrown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Returns true for an error, also of another realm. */
export function isError(thrown: unknown): thrown is Error {
  return unlessThrown(() => isErrorObject(thrown) || hasInstance(Error, thrown)) === true;
}

/** Returns a text property of an error; undefined when it is missing or cannot be read. */
export function textProperty(error: object, key: "message" | "name" | "stack"): string | undefined {
  return unlessThrown(() => {
    const value = (error as Readonly<Record<string, unknown>>)[key];
    return value === undefined || value === null ? undefined : asText(value);
  });
}

/** Returns the name of an error's class, or the type of another value. */
export function typeOfThrown(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown;
  return sliceText(textProperty(thrown, "name") || "Error", 0, MAX_INNER_MESSAGE);
}

/** Describes a thrown value as text. The text is never empty. */
export function describeThrown(thrown: unknown): string {
  if (isError(thrown)) {
    const inner = describeInner(innerErrors(thrown));
    return boundedText(ownMessage(thrown) + (inner && `: ${inner}`));
  }
  return typeof thrown === "string" && thrown !== "" ? boundedText(thrown) : describeValue(thrown);
}

function describeValue(value: unknown): string {
  const json = unlessThrown(() => toJsonText(value) ?? asText(value));
  // JSON keeps nothing of NaN, a Response, a Map and many others.
  const isKept = json && json !== "{}" && (json !== "null" || value === null);
  const text = isKept ? json : unlessThrown(() => inspectValue(value));
  return boundedText(
    (text && !matches(EMPTY, text) ? text : json) || "a value that cannot be shown",
  );
}

/** Returns the name and the message of an error, or another thrown value, in one short text. */
export function headlineOf(thrown: unknown): string {
  if (!isError(thrown)) return boundedText(describeThrown(thrown), MAX_INNER_MESSAGE);
  return `${typeOfThrown(thrown)}: ${boundedText(ownMessage(thrown), MAX_INNER_MESSAGE)}`;
}

/** Returns the errors inside an `AggregateError` or a `SuppressedError`, at most {@linkcode MAX_INNER}. */
export function innerErrors(error: Error): readonly unknown[] {
  return unlessThrown(() => {
    const { errors, error: last, suppressed } = error as Error & Inner;
    if (hasInstance(SuppressedError, error)) return [last, suppressed];
    const inner: unknown[] = [];
    for (let i = 0; isList(errors) && i < errors.length && i < MAX_INNER; i++) inner[i] = errors[i];
    return inner;
  }) ?? [];
}

/** The properties of an `AggregateError` and of a `SuppressedError`. */
interface Inner {
  readonly errors?: unknown;
  readonly error?: unknown;
  readonly suppressed?: unknown;
}

const EMPTY = /\{\}$/;

function describeInner(inner: readonly unknown[]): string {
  let text = "";
  for (let i = 0; i < inner.length; i++) text += (i > 0 ? "; " : "") + headlineOf(inner[i]);
  return text;
}

function ownMessage(error: Error): string {
  const own = unlessThrown(() => error.message as unknown);
  const isData = typeof own === "object" && own !== null && !isError(own);
  const data = isData ? describeValue(own) : "{}";
  const message = data !== "{}" ? data : textProperty(error, "message") ?? "";
  return matches(/\S/, message) ? message : typeOfThrown(error);
}
