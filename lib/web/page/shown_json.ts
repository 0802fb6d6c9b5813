/**
 * JSON that is shown with all digits of its numbers.
 *
 * @module
 */

import { parseJson } from "../../util/parse_json.ts";

interface ExactJson {
  /** `JSON.rawJSON`, which older browsers do not have. */
  readonly rawJSON?: (text: string) => unknown;
  readonly isRawJSON?: (value: unknown) => value is RawNumber;
}

/** A number that `JSON.stringify` writes as its original text. */
interface RawNumber {
  readonly rawJSON: string;
}

const { rawJSON, isRawJSON } = JSON as unknown as ExactJson;

/**
 * Parses JSON. Numbers that `JSON.stringify` would write in another way become objects that it
 * writes as the original text, where the browser knows this text.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseShown(text: string): unknown {
  return parseNumbers(text, (value, source) => String(value) === source);
}

/**
 * Parses JSON. Numbers that a `number` cannot represent, which are long integers and numbers above
 * 1e308, become objects as {@linkcode parseShown} creates them. All other numbers can be computed with.
 *
 * @throws {SyntaxError} when the text is not JSON.
 */
export function parseComputed(text: string): unknown {
  return parseNumbers(text, isSame);
}

/** Parses JSON. A number stays a `number` if a function returns true for it and its text. */
function parseNumbers(text: string, isKept: (value: number, source: string) => boolean): unknown {
  if (!rawJSON) return parseJson(text);
  return parseJson(text, (_key, value, { source }) => {
    const isOther = typeof value === "number" && source !== undefined && !isKept(value, source);
    return isOther ? rawJSON(source) : value;
  });
}

function isSame(value: number, source: string): boolean {
  if (Number.isSafeInteger(value)) return true;
  return Number.isFinite(value) && (!/^-?\d+$/.test(source) || String(value) === source);
}

/** Returns true for an object in place of a number, as {@linkcode parseComputed} creates it. */
export function isLongNumber(value: unknown): boolean {
  return isRawJSON?.(value) ?? false;
}

/** Returns a number, or the nearest one to that of an object; `undefined` for any other value. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return isRawJSON?.(value) ? Number(value.rawJSON) : undefined;
}
