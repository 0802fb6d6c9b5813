/**
 * The parts of a value that `JSON.parse` does not return as they were.
 *
 * @module
 */

import { isList, isSafeInteger, keysOf } from "../util/builtins.ts";
import { kindOf } from "./kinds.ts";
import { isLiteral } from "./plain_copy.ts";

/**
 * Returns the path and the kind of the first part of a value that becomes another one in JSON: a
 * date becomes text, `NaN` becomes `null`, a BigInt a number, and an object loses its class.
 *
 * @example
 * ```ts
 * import { changedPart } from "./changed_part.ts";
 *
 * const found = changedPart({ seen: [new Date(0)] });
 * if (found !== ".seen[0] is an instance of Date") throw new Error(found);
 * ```
 *
 * @param value a value without cycles
 * @param hasBigInts true when integers beyond 2^53 are parsed as BigInt
 * @returns `undefined` when all parts are text, finite numbers, booleans, `null`, lists and objects.
 */
export function changedPart(value: unknown, hasBigInts = false): string | undefined {
  if (typeof value === "number") return value - value === 0 ? undefined : ` is ${value}`;
  if (typeof value === "bigint") {
    return hasBigInts && !isSafeInteger(Number(value)) ? undefined : " is a BigInt";
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (isList(value)) return changedElement(value, hasBigInts);
  return isLiteral(value)
    ? changedField(value as Record<string, unknown>, hasBigInts)
    : ` is an instance of ${className(value)}`;
}

function changedElement(list: readonly unknown[], hasBigInts: boolean): string | undefined {
  for (let i = 0; i < list.length; i++) {
    const found = changedPart(list[i], hasBigInts);
    if (found !== undefined) return `[${i}]${found}`;
  }
  return undefined;
}

function changedField(
  fields: Readonly<Record<string, unknown>>,
  hasBigInts: boolean,
): string | undefined {
  const keys = keysOf(fields);
  for (let i = 0; i < keys.length; i++) {
    const found = changedPart(fields[keys[i]!], hasBigInts);
    if (found !== undefined) return `.${keys[i]}${found}`;
  }
  return undefined;
}

function className(value: object): string {
  const kind = kindOf(value), { name } = (value.constructor ?? {}) as { name?: unknown };
  return kind === "Object" && typeof name === "string" && name !== "" ? name : kind;
}
