/**
 * Determines the type of a column of Parquet from all its values.
 *
 * @module
 */

import { isDouble } from "../../values/double.ts";
import { parseNumbers } from "../../values/exact_json.ts";
import { isGeoJson } from "./geometry.ts";

/** The kind of the values of a column. Values of several kinds are `mixed`. */
type Kind =
  | "null"
  | "boolean"
  | "integer"
  | "double"
  | "text"
  | "list"
  | "struct"
  | "geometry"
  | "mixed";

/** The type of the values that have been added. */
export interface ColumnType {
  kind: Kind;
  /** True when a double does not represent an integer of the column. */
  hasLarge: boolean;
  /** True when a number of the column, not of its parts, is -0. */
  hasNegativeZero: boolean;
  /** The type of the elements of lists. */
  element?: ColumnType | undefined;
  /** The types of the members of objects. */
  readonly fields: Map<string, ColumnType>;
}

// An object with more keys is a map rather than a record.
const MAX_FIELDS = 200;
const MAX_SAFE = 2n ** 53n;

/** Returns the type of a column without values. */
export function emptyType(): ColumnType {
  return { kind: "null", hasLarge: false, hasNegativeZero: false, fields: new Map() };
}

/**
 * Parses the JSON text of a cell. An integer becomes a BigInt, any other number a number; NaN when a
 * double does not have all its digits.
 *
 * @example
 * ```ts
 * import { parseCell } from "./column_type.ts";
 *
 * const [integer, double] = [parseCell("9007199254740993"), parseCell("1.0")];
 * if (integer !== 9007199254740993n || double !== 1) throw new Error(`${integer} ${double}`);
 * ```
 */
export function parseCell(text: string): unknown {
  if (text === "") return null;
  const first = text.charCodeAt(0);
  // Only numbers inside others need the slow parser.
  if (first === OBJECT || first === LIST) return parseNumbers(text, toNumber);
  return first === MINUS || first <= NINE && first >= ZERO
    ? toNumber(Number(text), text)
    : JSON.parse(text);
}

const OBJECT = 123, LIST = 91, MINUS = 45, ZERO = 48, NINE = 57;

function toNumber(value: number, source: string): number | bigint {
  // A BigInt has no -0.
  if (!/[.e]/i.test(source) && source !== "-0") return BigInt(source);
  return isDouble(source, value) ? value : NaN;
}

/** Extends a type by a value. */
export function addValue(type: ColumnType, value: unknown): void {
  if (value === null || type.kind === "mixed") return;
  const kind = kindOf(value);
  if (typeof value === "bigint" && (value > MAX_SAFE || value < -MAX_SAFE)) type.hasLarge = true;
  if (Object.is(value, -0)) type.hasNegativeZero = true;
  if (kind === "geometry" && type.kind === "struct") return addFields(type, value as object);
  type.kind = commonKind(type, kind);
  if (type.kind === "list") {
    type.element ??= emptyType();
    for (const one of value as unknown[]) addValue(type.element, one);
  }
  if (type.kind === "struct") addFields(type, value as object);
}

function addFields(type: ColumnType, value: object): void {
  for (const [key, one] of Object.entries(value)) {
    // UTF-8 could not tell such keys apart.
    if (!key.isWellFormed()) return void (type.kind = "mixed");
    const field = type.fields.get(key) ?? emptyType();
    type.fields.set(key, field);
    addValue(field, one);
  }
  if (type.fields.size > MAX_FIELDS) type.kind = "mixed";
}

function kindOf(value: unknown): Kind {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? "integer" : "mixed";
  if (typeof value === "number") return Number.isFinite(value) ? "double" : "mixed";
  // UTF-8 cannot represent half of a pair of surrogates, but JSON can.
  if (typeof value === "string") return value.isWellFormed() ? "text" : "mixed";
  if (Array.isArray(value)) return "list";
  return isGeoJson(value) ? "geometry" : "struct";
}

function commonKind({ kind: known, hasLarge }: ColumnType, kind: Kind): Kind {
  if (known === "null" || known === kind) return hasLarge && kind === "double" ? "mixed" : kind;
  const isNumber = [known, kind].every((one) => one === "integer" || one === "double");
  return isNumber && !hasLarge ? "double" : "mixed";
}

/** Returns true for a type whose values are written as JSON text. */
export function isJsonType({ kind, element, fields }: ColumnType): boolean {
  if (kind === "list") return isNestedJson(element!);
  if (kind === "struct") return fields.size === 0 || fields.values().some(isNestedJson);
  return kind === "mixed";
}

/** Returns true for a type with a number, at any depth, that is -0. */
export function hasNegativeZero(
  { hasNegativeZero: isFound, element, fields }: ColumnType,
): boolean {
  return isFound || (element !== undefined && hasNegativeZero(element)) ||
    fields.values().some(hasNegativeZero);
}

/** Geometry is written only as a whole column. */
function isNestedJson(type: ColumnType): boolean {
  return type.kind === "geometry" || isJsonType(type);
}
