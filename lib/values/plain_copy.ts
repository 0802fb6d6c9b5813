/**
 * Copies of values in which every part has an exact JSON form.
 *
 * @module
 */

import {
  applyFn,
  isList,
  isRawJson,
  keysOf,
  matches,
  newDict,
  prototypeOf,
  rawJson,
  sliceText,
  toJsonText,
} from "../util/builtins.ts";
import { hasLostNumbers, isNumberArray, iterableRefusal, kindOf, refusalOf } from "./kinds.ts";

/** The deepest nesting of lists and objects. The recursion of `JSON.stringify` has a limit too. */
export const MAX_DEPTH = 1000;

/** Receives the path of a number that JSON cannot represent: `NaN` or an infinity. */
export type NonFiniteListener = (path: string) => void;

/** Returns true for an object literal, or an object without a prototype. */
export function isLiteral(value: object): boolean {
  const prototype = prototypeOf(value);
  return prototype === null || prototypeOf(prototype) === null;
}

/**
 * Copies a value for `JSON.stringify`. The rules are in docs/start/functions-and-lists.md.
 *
 * @param name the name of the value, with which the paths in messages begin
 * @throws {TypeError} when JSON cannot represent a part of the value. The message names the path.
 */
export function plainCopy(value: unknown, name: string, onNonFinite: NonFiniteListener): unknown {
  return copyOf(value, { name, value, depth: 0 }, onNonFinite);
}

/** A part of a value. The places above it lead to the whole value. */
interface Place {
  /** The name of the whole value, or the key of the part. */
  readonly name: string | number;
  readonly value: unknown;
  readonly depth: number;
  readonly above?: Place | undefined;
}

function copyOf(value: unknown, place: Place, onNonFinite: NonFiniteListener): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (value - value === 0) return value;
      onNonFinite(pathOf(place));
      return null;
    case "bigint":
      return bigIntCopy(value);
    case "object":
      return value === null || isRawJson(value) ? value : objectCopy(value, place, onNonFinite);
    default:
      throw refuse(place, NO_FORM[typeof value]!);
  }
}

/** A user may define `BigInt.prototype.toJSON`, as `JSON.stringify` expects. */
function bigIntCopy(value: bigint): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? applyFn(toJSON, value, []) : rawJson(`${value}`);
}

function objectCopy(value: object, place: Place, onNonFinite: NonFiniteListener): unknown {
  checkNesting(value, place);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== "function") return dataCopy(value, place, onNonFinite);
  const data = applyFn(toJSON, value, [place.above ? `${place.name}` : ""]);
  // An invalid date becomes null, like a number that is not finite.
  if (data === null && kindOf(value) === "Date") return copyOf(NaN, place, onNonFinite);
  // JSON.stringify does not call toJSON() of the returned object.
  if (typeof data === "object" && data !== null) return dataCopy(data, place, onNonFinite);
  return copyOf(data, place, onNonFinite);
}

function dataCopy(value: object, place: Place, onNonFinite: NonFiniteListener): unknown {
  if (isList(value)) return listCopy(value, place, onNonFinite);
  const kind = kindOf(value);
  if (isNumberArray(value, kind)) {
    if (hasLostNumbers(value)) throw refuse(place, LOST_NUMBERS);
    return listCopy(value, place, onNonFinite);
  }
  const refusal = refusalOf(kind);
  if (refusal) throw refuse(place, refusal);
  if (isBoxed(value, kind)) return copyOf(value.valueOf(), place, onNonFinite);
  return fieldsCopy(value, place, onNonFinite);
}

function listCopy(
  list: ArrayLike<unknown>,
  above: Place,
  onNonFinite: NonFiniteListener,
): unknown[] {
  const copy: unknown[] = [], depth = above.depth + 1;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    const isNumber = typeof value === "number" && value - value === 0;
    copy[i] = isNumber ? value : copyOf(value, { name: i, value, depth, above }, onNonFinite);
  }
  // A toJSON() that a user adds to a prototype has been called for the original.
  if ("toJSON" in copy) (copy as { toJSON?: unknown }).toJSON = undefined;
  return copy;
}

function fieldsCopy(
  data: object,
  above: Place,
  onNonFinite: NonFiniteListener,
): Record<string, unknown> {
  const keys = keysOf(data), copy = newDict(), depth = above.depth + 1;
  if (keys.length === 0) {
    const reason = isLiteral(data) ? iterableRefusal(data) : emptyReason(data);
    if (reason) throw refuse(above, reason);
  }
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i]!, value = (data as Record<string, unknown>)[name];
    // As in JSON, a key without a value is left out.
    if (value !== undefined) copy[name] = copyOf(value, { name, value, depth, above }, onNonFinite);
  }
  return copy;
}

function checkNesting(value: object, place: Place): void {
  if (place.depth > MAX_DEPTH) {
    throw refuse(place, `it is nested more than ${MAX_DEPTH} levels deep, use a flat list`);
  }
  for (let above = place.above; above; above = above.above) {
    if (above.value === value) {
      throw refuse(place, "it contains itself, use a copy without the cycle");
    }
  }
}

/** The types of values without a JSON form, each with its reason and advice. */
const NO_FORM: Readonly<Record<string, string>> = {
  undefined: "JSON has no undefined, use null or leave it out",
  function: "JSON has no functions, use its return value",
  symbol: "JSON has no symbols, use a string",
};

const LOST_NUMBERS = "its buffer was transferred or shrunk, make a copy before with x.slice()";

/** Returns true for an object that contains a single primitive value. */
function isBoxed(value: object, kind: string): boolean {
  return matches(/^(Number|String|Boolean|BigInt|Symbol)$/, kind) && !isLiteral(value);
}

function emptyReason(value: object): string {
  const { name } = (value.constructor ?? {}) as { name?: unknown };
  const kind = typeof name === "string" && name !== "Object" && name !== "" ? name : kindOf(value);
  return `JSON keeps nothing of an instance of ${kind}, use an object with its data`;
}

function refuse(place: Place, reason: string): TypeError {
  return new TypeError(`Cannot write ${pathOf(place)}: ${reason}`);
}

// A longer path, and a longer key, are cut in messages.
const MAX_SHOWN = 20, MAX_KEY = 100;

function pathOf(place: Place): string {
  let path = "", at = place;
  for (; at.above; at = at.above) {
    if (at.depth === MAX_SHOWN + 1) path = "...";
    else if (at.depth <= MAX_SHOWN) path = step(at.name) + path;
  }
  return at.name + path;
}

function step(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  const isName = key.length < MAX_KEY && matches(/^[A-Za-z_$][\w$]*$/, key);
  return isName ? `.${key}` : `[${toJsonText(sliceText(key, 0, MAX_KEY))}]`;
}
