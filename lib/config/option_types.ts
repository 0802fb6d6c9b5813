/**
 * The value of one option: how it is read, typed or as text, and how it is written again.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { parseBool } from "../util/parse_bool.ts";

/** What each type of option becomes in `Config`. */
export interface ValueTypes {
  /** Any word that `parseBool` knows. */
  readonly boolean: boolean;
  /** A whole number. */
  readonly integer: number;
  /** Any finite number. */
  readonly number: number;
  /** Text, the empty one included. */
  readonly text: string;
  /** A list of texts; in one text they stand between commas. */
  readonly list: readonly string[];
  /** Milliseconds. A user writes seconds, or `90s`, `5m`, `2h`. */
  readonly duration: number;
  /** Bytes. A user writes bytes, or `4GB`, `1GiB`. */
  readonly memory: number;
  /** Texts by name; a list becomes one text with commas. In one text: `A=1,B=2`. */
  readonly map: Readonly<Record<string, string>>;
  /** Whether to write a file, or its name without directory, timestamp and ending. */
  readonly stem: boolean | string;
}

/** The types that an option can have. */
export type OptionType = keyof ValueTypes;

/** Any value of any option. `null` means "not set". */
export type OptionValue = ValueTypes[OptionType] | null;

/** One entry of the table; the commands' own flags have the same shape. */
export interface Option {
  /** The key in the config file, in snake_case. */
  readonly name: string;
  /** How its value is read. */
  readonly type: OptionType;
  /** As a user would write it: `"90s"`, `"py36"`. Only where this is `null` may `null` be given. */
  readonly default: OptionValue;
  /** One plain sentence, for the help and for the config file. */
  readonly doc: string;
  /**
   * The flag, where it is not called like the key.
   *
   * @default {name}
   */
  readonly flag?: string;
  /** Short names and the full values that they stand for. Any other text is a value too. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The only texts that are allowed. */
  readonly choices?: readonly string[];
  /** The smallest number that is allowed. */
  readonly min?: number;
}

/**
 * Reads one value, typed or as text, for an option that is at hand.
 *
 * @example
 * ```ts
 * import { type Option, parseValue } from "./option_types.ts";
 *
 * const every: Option = { name: "every", type: "duration", default: "5s", doc: "How often." };
 * if (parseValue(every, "1m", "--every") !== 60_000) throw new Error("wrong duration");
 * ```
 *
 * @throws {UsageError} When the value is wrong. Trying again cannot help.
 */
export function parseValue(option: Option, value: unknown, where: string): OptionValue {
  if (option.default === null && isNone(value)) return null;
  const parsed = TYPES[option.type].parse(value);
  if (parsed !== undefined && isAllowed(option, parsed)) return expandKey(option, parsed);
  const shown = Deno.inspect(value, { breakLength: Infinity, strAbbreviateSize: 80 });
  throw new UsageError(
    `Cannot use ${shown} as ${option.name} (${where}): write ${expected(option)}`,
  );
}

/** Turns a value of `Config` back into what a user writes: 90000 ms into `90s`. */
export function asWritten({ type }: Option, value: OptionValue): OptionValue {
  if (type === "duration" && typeof value === "number") return withUnit(value, DURATIONS);
  if (type === "memory" && typeof value === "number") return withUnit(value, SIZES);
  return value;
}

/** A value as one text, in the form that a flag or a variable takes: `a,b`, `A=1,B=2`, `null`. */
export function formatValue(value: OptionValue): string {
  if (!isDict(value)) return String(value);
  return Object.entries(value).map(([name, text]) => `${name}=${text}`).join(",");
}

/** The sentence of an option, with its choices or its short names. */
export function describe({ doc, choices, keys }: Option): string {
  if (choices) return `${doc} One of: ${choices.join(", ")}.`;
  if (keys) return `${doc} Short names: ${Object.keys(keys).join(", ")}.`;
  return doc;
}

/** How a type is read, and how it is called in a message. */
interface TypeRule<T> {
  readonly expected: string;
  /** `undefined` when the value does not fit. */
  parse(value: unknown): T | undefined;
}

const TYPES: { readonly [T in OptionType]: TypeRule<ValueTypes[T]> } = {
  boolean: { expected: "true or false", parse: (value) => parseBool(toText(value) ?? "") },
  integer: {
    expected: "a whole number",
    parse: (value) => parseNumber(value, Number.isSafeInteger),
  },
  number: { expected: "a number", parse: (value) => parseNumber(value, Number.isFinite) },
  text: { expected: "text", parse: parseText },
  list: { expected: "a list such as a,b", parse: parseList },
  duration: {
    expected: "seconds, or a duration such as 90s, 5m, 2h",
    parse: (value) => parseMeasure(value, DURATIONS, "s"),
  },
  memory: {
    expected: "bytes, or a size such as 512MB, 4GB, 1GiB",
    parse: (value) => parseMeasure(value, SIZES, "B"),
  },
  map: { expected: "names and values such as A=1,B=2", parse: parseMap },
  stem: { expected: "true, false or the name of a file", parse: parseStem },
};

/** Milliseconds, from small to large. */
const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Bytes, from small to large. */
const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
};

function isNone(value: unknown): boolean {
  return value === null || /^\s*(null|none)\s*$/i.test(toText(value) ?? "");
}

function isAllowed({ type, choices, min }: Option, value: OptionValue): boolean {
  if (choices && !choices.includes(String(value))) return false;
  // No time and no memory at all mean something only where the table says so.
  const least = min ?? (isMeasure(type) ? 1 : -Infinity);
  return typeof value !== "number" || value >= least;
}

function isMeasure(type: OptionType): boolean {
  return type === "duration" || type === "memory";
}

function expandKey({ keys = {} }: Option, value: OptionValue): OptionValue {
  return typeof value === "string" && Object.hasOwn(keys, value) ? keys[value] ?? value : value;
}

function expected({ type, choices, min, default: byDefault }: Option): string {
  const what = choices ? `one of ${choices.join(", ")}` : TYPES[type].expected;
  const least = min === undefined || isMeasure(type) ? "" : ` of at least ${min}`;
  return `${what}${least}${byDefault === null ? ", or null" : ""}`;
}

/** One value as text. `undefined` for a list or a map. */
function toText(value: unknown): string | undefined {
  const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
  return isPlain ? String(value) : undefined;
}

/** All as text, or `undefined` when one of them is a list, a map or nothing. */
function toTexts(values: readonly unknown[]): string[] | undefined {
  const texts = values.map((value) => value === null ? undefined : toText(value));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function parseNumber(value: unknown, test: (value: number) => boolean): number | undefined {
  // Number("") would be 0.
  const number = Number(toText(value)?.trim() || NaN);
  return test(number) ? number : undefined;
}

function parseText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function parseStem(value: unknown): boolean | string | undefined {
  const text = toText(value)?.trim();
  return text ? parseBool(text) ?? text : undefined;
}

function parseList(value: unknown): string[] | undefined {
  if (typeof value === "string") return value.split(",").map((word) => word.trim()).filter(Boolean);
  return Array.isArray(value) ? toTexts(value) : undefined;
}

function parseMap(value: unknown): Record<string, string> | undefined {
  // A comma is part of a value, unless the next name follows: net=a.com,b.com,read=true
  const pairs = typeof value === "string" ? value.split(/,(?=\s*[\w-]+=)/).filter(Boolean) : value;
  if (Array.isArray(pairs)) return toMap(pairs.map(toPair));
  return isDict(pairs) ? toMap(Object.entries(pairs)) : undefined;
}

/** `A=1` as a name and a value; without an `=`, the value is `undefined`. */
function toPair(text: unknown): [string, unknown] {
  const [, name = "", value] = /^\s*([^\s=]+)\s*=(.*)$/s.exec(String(text)) ?? [];
  return [name, value];
}

function toMap(entries: readonly [string, unknown][]): Record<string, string> | undefined {
  const values = entries.map(([, value]) => Array.isArray(value) ? toTexts(value)?.join() : value);
  const texts = toTexts(values);
  return texts && Object.fromEntries(texts.map((text, index) => [entries[index]?.[0], text]));
}

function parseMeasure(
  value: unknown,
  units: Readonly<Record<string, number>>,
  plain: string,
): number | undefined {
  const [, count, unit = ""] = /^([\d.]+)\s*([a-z]*)$/i.exec(toText(value)?.trim() ?? "") ?? [];
  const name = (unit || plain).toLowerCase();
  const size = Object.entries(units).find(([known]) => known.toLowerCase() === name)?.[1] ?? NaN;
  const amount = Math.round(Number(count) * size);
  return Number.isSafeInteger(amount) ? amount : undefined;
}

/** The amount in the largest unit that leaves nothing over. */
function withUnit(amount: number, units: Readonly<Record<string, number>>): string {
  if (amount === 0) return "0";
  const [unit, size] = Object.entries(units).findLast(([, size]) => amount % size === 0)!;
  return `${amount / size}${unit}`;
}
