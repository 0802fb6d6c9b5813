/**
 * Searches: filters, order and pages over functions or jobs.
 *
 * @module
 */

import { isDict } from "../../lib/util/is_dict.ts";
import { array, checkShape, flag, integer, list, refuseField, text } from "./validate.ts";

/** The type of a field, and the operations on it. */
export interface Field {
  readonly kind: "text" | "number" | "flag" | "date" | "tags";
  /** True when results can be sorted by this field. */
  readonly sort?: boolean;
  /** The allowed values. Absent when any value is allowed. */
  readonly values?: readonly string[];
}

/** The fields that a search can name. */
export type Fields = Readonly<Record<string, Field>>;
/** A record that can be searched by its fields. */
export type Record_ = Readonly<Record<string, unknown>>;
type Predicate = (record: Record_) => boolean;

/** A parsed search. */
interface Search {
  readonly fits: Predicate;
  readonly sort: readonly string[];
  readonly limit: number;
}

const DEFAULT_PAGE = 100, MAX_PAGE = 1000;
const OPTIONS = ["filter", "sort", "limit", "page_size", "page_cursor", "include"];

/** Answers a GET request for a list with one page of records. */
export function answerPage<T extends Record_>(
  records: readonly T[],
  query: URLSearchParams,
  { fields, include }: { fields: Fields; include: readonly string[] },
): { meta: Record_; data: T[]; included: boolean } {
  const { asked, page } = readCursor(query);
  checkQuery(asked, fields, include);
  const size = numberOf(asked, "page_size", 1, MAX_PAGE) ?? DEFAULT_PAGE;
  const { total, found } = select(records, fromQuery(asked, fields));
  const last = Math.max(1, Math.ceil(found.length / size));
  const next = page < last ? page + 1 : null;
  return {
    meta: {
      current_page: page,
      last_page: last,
      page_size: size,
      next_page: next,
      page_cursor: next && toCursor(asked, next),
      total,
    },
    data: found.slice((page - 1) * size, page * size),
    included: asked.has("include"),
  };
}

/** Returns true when a page belongs to a search with an order. */
export function isSorted(query: URLSearchParams): boolean {
  return readCursor(query).asked.has("sort");
}

/** Parses a search in the body of a POST request. */
export function selectByBody<T extends Record_>(
  records: readonly T[],
  body: unknown,
  fields: Fields,
): { found: T[]; deleteResults: boolean } {
  const shape = {
    filter: array,
    limit: integer(0),
    sort: list(text),
    delete_results: flag,
  };
  const { filter = [], limit = Infinity, sort = [], ...rest } = checkShape(body, { fields: shape });
  const { found } = select(records, {
    fits: toPredicate({ and: filter }, fields),
    sort: checkSort(sort as string[], fields),
    limit: limit as number,
  });
  return { found, deleteResults: rest.delete_results === true };
}

function select<T extends Record_>(records: readonly T[], { fits, sort, limit }: Search) {
  const all = records.filter(fits);
  if (sort.length > 0) all.sort((a, b) => compareBy(sort, a, b));
  return { total: all.length, found: all.slice(0, limit) };
}

function compareBy(sort: readonly string[], a: Record_, b: Record_): number {
  for (const name of sort) {
    const [field, sign] = name.startsWith("-") ? [name.slice(1), -1] : [name, 1];
    const order = compare(a[field], b[field]);
    if (order !== 0) return sign * order;
  }
  return 0;
}

/** Compares two values. Absent values sort first. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}

/** Parses a cursor. A cursor contains its query, so other parameters are not allowed. */
function readCursor(query: URLSearchParams): { asked: URLSearchParams; page: number } {
  const cursor = query.get("page_cursor");
  if (cursor === null) return { asked: query, page: 1 };
  if (query.size > 1) refuseField("page_cursor", "Goes with no other parameter");
  try {
    const { p, q } = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(cursor, BASE64)));
    return { asked: new URLSearchParams(q), page: p };
  } catch {
    return refuseField("page_cursor", "Not a cursor");
  }
}

const BASE64 = { alphabet: "base64url" } as const;

function toCursor(asked: URLSearchParams, page: number): string {
  const json = JSON.stringify({ p: page, q: asked.toString() });
  return new TextEncoder().encode(json).toBase64({ ...BASE64, omitPadding: true });
}

function checkQuery(query: URLSearchParams, fields: Fields, include: readonly string[]): void {
  for (const name of query.keys()) {
    if (!OPTIONS.includes(name) && !Object.hasOwn(fields, name)) refuseField(name, "Unknown field");
    const isRepeated = query.getAll(name).length > 1 && OPTIONS.includes(name);
    if (isRepeated && name !== "sort") refuseField(name, "Given twice");
  }
  const asked = query.get("include");
  if (asked !== null && !include.includes(asked)) refuseField("include", `Not ${include[0]}`);
}

function fromQuery(query: URLSearchParams, fields: Fields): Search {
  const plain = [...new Set(query.keys())].filter((name) => !OPTIONS.includes(name)).map((
    name,
  ) => ({
    or: query.getAll(name).map((val) => ({ name, op: "eq", val: fromText(fields[name]!, val) })),
  }));
  return {
    fits: toPredicate({ and: [...filterOf(query), ...plain] }, fields),
    sort: checkSort(query.getAll("sort"), fields),
    limit: numberOf(query, "limit", 0, Infinity) ?? Infinity,
  };
}

function fromText({ kind }: Field, value: string): unknown {
  if (kind === "number") return Number(value);
  return kind === "flag" ? /^true$/i.test(value) : value;
}

function filterOf(query: URLSearchParams): readonly unknown[] {
  try {
    const filter = JSON.parse(query.get("filter") ?? "[]");
    if (Array.isArray(filter)) return filter;
  } catch {
    // Invalid JSON is refused below, like any other text that is not an array.
  }
  return refuseField("filter", "Not a JSON array");
}

function numberOf(query: URLSearchParams, name: string, least: number, most: number) {
  const value = query.get(name);
  if (value === null) return undefined;
  const message = integer(least, most)(/^\d+$/.test(value) ? Number(value) : value);
  return message ? refuseField(name, message) : Number(value);
}

function checkSort(sort: readonly string[], fields: Fields): readonly string[] {
  for (const name of sort) {
    if (!fields[name.replace(/^-/, "")]?.sort) refuseField("sort", `Cannot sort by ${name}`);
  }
  return sort;
}

function toPredicate(member: unknown, fields: Fields): Predicate {
  if (!isDict(member)) return refuseField("filter", "A member is not an object");
  const [key = ""] = Object.keys(member);
  if (key !== "and" && key !== "or") return toComparison(member, fields);
  const members = member[key];
  if (!Array.isArray(members) || Object.keys(member).length > 1) {
    return refuseField("filter", `${key} must stand alone, with an array`);
  }
  if (key === "or" && members.length === 0) refuseField("filter", "or has no members");
  const each = members.map((one) => toPredicate(one, fields));
  return key === "and"
    ? (record) => each.every((fits) => fits(record))
    : (record) => each.some((fits) => fits(record));
}

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
};

function toComparison(member: Record_, fields: Fields): Predicate {
  const { name, op, val, ...rest } = member;
  if (Object.keys(rest).length > 0) refuseField("filter", `Unknown key ${Object.keys(rest)[0]}`);
  const field = Object.hasOwn(fields, String(name)) ? fields[String(name)]! : undefined;
  if (!field) return refuseField("filter", `Cannot filter by ${name}`);
  checkValue(String(name), field, val);
  if (op === "prefix") return prefixOf(String(name), field, val);
  const holds = Object.hasOwn(OPERATORS, String(op)) ? OPERATORS[String(op)] : undefined;
  if (!holds) return refuseField("filter", `Unknown op ${op}`);
  if (field.kind === "tags") return tagged(String(op), val);
  const wanted = comparable(field, val);
  return (record) => {
    const value = record[String(name)] ?? null;
    return value === null ? op === "ne" : holds(compare(comparable(field, value), wanted));
  };
}

function tagged(op: string, tag: unknown): Predicate {
  if (op !== "eq" && op !== "ne") refuseField("filter", `tags have no ${op}`);
  return (record) => (record.tags as unknown[]).includes(tag) === (op === "eq");
}

function prefixOf(name: string, { kind }: Field, start: unknown): Predicate {
  if (kind !== "text") refuseField("filter", `${name} has no prefix`);
  return (record) => String(record[name] ?? "").startsWith(String(start));
}

/** Compares dates as times, because a date has several spellings. */
function comparable({ kind }: Field, value: unknown): unknown {
  return kind === "date" ? Date.parse(String(value)) : value;
}

const TYPES = { text: "string", number: "number", flag: "boolean", date: "string", tags: "string" };
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;

function checkValue(name: string, { kind, values }: Field, value: unknown): void {
  const isRight = typeof value === TYPES[kind] &&
    (kind !== "date" || DATE.test(value as string)) && !Number.isNaN(value) &&
    (!values || values.includes(value as string));
  if (!isRight) refuseField("filter", `${name} is never ${JSON.stringify(value)}`);
}
