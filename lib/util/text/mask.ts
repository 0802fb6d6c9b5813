/**
 * Replaces secret values in texts that are stored or shown.
 *
 * @module
 */

import { existsOr } from "../files/fs.ts";
import { isRawJson } from "../builtins.ts";
import { isDict } from "../is_dict.ts";

/** Replaces the secret values in a text. */
export type Mask = (text: string) => string;

// A shorter value would hide common words.
const LEAST_CHARACTERS = 6;

/**
 * Creates a function that replaces values by `***`, also in the forms that they have in JSON, in a
 * URL and in Base64, and each line of a value of several lines.
 *
 * @param values the values; those of fewer than 6 characters, and paths that exist, are not replaced
 * @returns the function, or `undefined` when there is no value to replace.
 *
 * @example
 * ```ts
 * import { createMask } from "./mask.ts";
 *
 * const mask = createMask(["hush-hush", "on"]);
 * if (mask?.("it is on: hush-hush") !== "it is on: ***") throw new Error("shown");
 * ```
 */
export function createMask(values: Iterable<string>): Mask | undefined {
  const forms = new Set(
    [...values].flatMap((value) => [value, ...value.split("\n")]).flatMap(formsOf),
  );
  if (forms.size === 0) return undefined;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(RegExp.escape).join("|"), "g");
  return (text) => text.replace(pattern, "***");
}

function formsOf(value: string): string[] {
  const plain = value.trim().toWellFormed();
  if (plain.length < LEAST_CHARACTERS || isPath(plain)) return [];
  const base64 = new TextEncoder().encode(plain).toBase64().replace(/=+$/, "");
  return [plain, JSON.stringify(plain).slice(1, -1), encodeURIComponent(plain), base64];
}

const known = new Set<string>();

/** Adds values that {@linkcode maskKnown} replaces. */
export function addSecrets(values: Iterable<string>): void {
  for (const value of values) known.add(value);
}

/** Replaces the values that this process has received as secrets. */
export function maskKnown(text: string): string {
  return createMask(known)?.(text) ?? text;
}

/** Returns true for the path of a file or folder, such as that of HOME, which stacks contain. */
function isPath(text: string): boolean {
  return text.startsWith("/") && existsOr(text, false);
}

/** Applies a mask to every text in a value of plain objects and arrays. */
export function maskDeep<T>(value: T, mask: Mask): T {
  if (typeof value === "string") return mask(value) as T;
  if (Array.isArray(value)) return value.map((one) => maskDeep(one, mask)) as T;
  // A number may be an object with its digits.
  if (!isDict(value) || isRawJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, maskDeep(one, mask)]),
  ) as T;
}

/** Applies a mask to the message and the stack of an error, and of its causes. */
export function maskError(thrown: unknown, mask: Mask): unknown {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    error.message = mask(error.message);
    if (error.stack) error.stack = mask(error.stack);
  }
  return thrown;
}
