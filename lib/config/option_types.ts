/**
 * The definition of an option, and the parsers of typed and textual values.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { isDict } from "../util/is_dict.ts";
import { withHome } from "../util/paths.ts";
import { parseBool } from "../util/text/parse_bool.ts";
import { shortInspect } from "../util/text/short_inspect.ts";
import { envError, EXPECTED, parseEnv } from "./env_option.ts";
import { toOneText, toText, toTexts } from "./plain_text.ts";

/** The type of a parsed value, for each type of option. */
export interface ValueTypes {
  /** A boolean. A user writes a word that `parseBool` accepts. */
  readonly boolean: boolean;
  /** A whole number. */
  readonly integer: number;
  /** A whole number, or `auto` or `auto:100` for a number that adapts, with its bound. */
  readonly count: number | `auto${string}`;
  /** A whole number, or a percentage such as `50%`. */
  readonly share: number | `${number}%`;
  /** Any finite number. */
  readonly number: number;
  /** Text, which may be empty. */
  readonly text: string;
  /** A list of texts. A user may write one text with commas. */
  readonly list: readonly string[];
  /** A duration in milliseconds. A user writes seconds, or `90s`, `5m`, `2h`. */
  readonly duration: number;
  /** A size in bytes. A user writes bytes, or `4GB`, `1GiB`. */
  readonly memory: number;
  /** Texts by name. A user may write `A=1,B=2`. A value that is a list is joined with commas. */
  readonly map: Readonly<Record<string, string>>;
  /**
   * Rates by the templates of their keys; the empty key is all tasks. A user writes `10/s`,
   * `{host}=5/s`, or a list or a map of them.
   */
  readonly rates: Readonly<Record<string, string>>;
  /**
   * Environment variables by name. A user writes one `NAME=VALUE`, or `NAME` for a variable of this
   * process, or a list or a map of them.
   */
  readonly env: Readonly<Record<string, string>>;
  /**
   * False for no file, true for a file with the default name, or the file's name without directory,
   * timestamp and extension.
   */
  readonly stem: boolean | string;
  /** False for none, true for whole elements, or a key of them. Keys may be `y` and `no`. */
  readonly key: boolean | string;
}

/** The types that an option can have. */
export type OptionType = keyof ValueTypes;

/** Any value of any option. `null` is the value of an option that is not set. */
export type OptionValue = ValueTypes[OptionType] | null;

/** An option of a job, of an engine or of a command. */
export interface OptionSpec {
  /** The key in the config file, in snake_case. */
  readonly name: string;
  /** The type of its value. */
  readonly type: OptionType;
  /**
   * The default in the form that a user writes: `"90s"`, `"py36"`. Only an option whose default is
   * `null` accepts `null`.
   */
  readonly default: OptionValue;
  /** The value that `null` means, for an option whose default is not `null`. @default {an error} */
  readonly none?: OptionValue | undefined;
  /** The description for the help and the config file, in one plain sentence. */
  readonly doc: string;
  /**
   * The name of the flag, when it differs from the key.
   *
   * @default {name}
   */
  readonly flag?: string | undefined;
  /** The letter of its short flag: `j` for `-j`. */
  readonly short?: string | undefined;
  /** Short names, with the values that they abbreviate. Other texts are also valid. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
  /** The allowed texts. When undefined, any text is valid. */
  readonly choices?: readonly string[] | undefined;
  /** The advice in the message about a text that is not one of the choices. */
  readonly advice?: string | undefined;
  /** The only texts that an option of type `stem` accepts besides true and false. */
  readonly words?: readonly string[] | undefined;
  /**
   * The smallest allowed number, in milliseconds or bytes where the type has units. For these
   * types, the default is 1.
   */
  readonly min?: number | undefined;
  /** The largest allowed number, in milliseconds or bytes where the type has units. */
  readonly max?: number | undefined;
  /**
   * The largest sensible number, in the same units. A larger one is a slip, so only the message about
   * such a number names it. For durations, the default is 10 years.
   */
  readonly limit?: number | undefined;
  /** The group in the help that lists the option: a key of `OPTION_GROUPS`. */
  readonly group?: string | undefined;
  /**
   * True when `--help` lists the option. `--help --all` lists every option.
   *
   * @default {false}
   */
  readonly isCommon?: boolean | undefined;
  /**
   * True when the option exists only for code and config files of the Python package.
   *
   * @default {false}
   */
  readonly legacy?: boolean | undefined;
  /**
   * An example of its value, for the help and the reference, as a word of the shell. A switch and an
   * option with `choices` need none.
   */
  readonly example?: string | undefined;
  /**
   * True when the flag of a command also takes the words `NAME=VALUE` after its value. NULs separate
   * the words, and two NULs the uses of the flag, because no word of a command line contains one.
   *
   * @default {false}
   */
  readonly takesWords?: boolean | undefined;
  /**
   * True when the word `true` or `false` after the switch is its value, as in the Python package.
   *
   * @default {false}
   */
  readonly takesBool?: boolean | undefined;
  /**
   * True when its texts are paths on this machine, in which `~/` is the home of the user.
   *
   * @default {false}
   */
  readonly isPath?: boolean | undefined;
  /**
   * The placeholder of its value in the help, such as `FILE`.
   *
   * @default {by its type}
   */
  readonly label?: string | undefined;
}

/**
 * Parses a typed or textual value of an option.
 *
 * @param where the source of the value, for error messages
 * @returns the value, of a type in {@linkcode ValueTypes}, or `null` for an option that is not set.
 *
 * @example
 * ```ts
 * import { type OptionSpec, parseValue } from "./option_types.ts";
 *
 * const every: OptionSpec = { name: "every", type: "duration", default: "5s", doc: "The pause." };
 * if (parseValue(every, "1m", "--every") !== 60_000) throw new Error("wrong duration");
 * ```
 *
 * @throws {UsageError} when the value is invalid.
 */
export function parseValue(option: OptionSpec, value: unknown, where: string): OptionValue {
  if (option.default === null && isNull(value)) return null;
  const parsed = tryParse(option, isNull(value) ? option.none ?? value : value);
  if (parsed !== undefined) return parsed;
  if (option.type === "env") throw envError(value, where);
  const shown = shortInspect(value);
  const orNull = option.default === null ? ", or null" : "";
  const advice = option.advice ? `; ${option.advice}` : "";
  throw new UsageError(
    `Cannot use ${shown} as ${option.name} (${where}): write ` +
      `${expectedValue(option, value)}${orNull}${advice}`,
  );
}

/** Parses a value other than `null`, and returns `undefined` when the value is invalid. */
export function tryParse(option: OptionSpec, value: unknown): OptionValue | undefined {
  const parsed = VALUE_RULES[option.type].parse(value);
  if (parsed === undefined || !isAllowed(option, parsed)) return undefined;
  return option.isPath ? expandHome(parsed) : expandKey(option, parsed);
}

/** Describes the values that an option accepts, for a message: `a whole number of at least 1`. */
export function expectedValue(option: OptionSpec, value?: unknown): string {
  const { type, choices, words, example, min } = option;
  const { max = isSlip(option, value) ? limitOf(option) : undefined } = option;
  if (choices) return `one of ${choices.join(", ")}`;
  if (words) return `true, false or ${words.join(", ")}`;
  // The names of a map are those of its own option.
  if (type === "map" && example) {
    const [, word] = /^\s*([a-z_][\w-]*)\s*(?:$|,[^,=]+=)/i.exec(toText(value) ?? "") ?? [];
    return `names and values such as ${example}${word ? `, and ${word}=true for a switch` : ""}`;
  }
  const { expected } = VALUE_RULES[type];
  if (max !== undefined && isMeasure(type)) return `${expected}, at most ${measureText(type, max)}`;
  if (min && isMeasure(type) && Number(VALUE_RULES[type].parse(value)) < min) {
    return `${expected}, at least ${measureText(type, min)}`;
  }
  if (min === undefined || isMeasure(type)) return expected;
  return max === undefined ? `${expected} of at least ${min}` : `${expected} from ${min} to ${max}`;
}

function limitOf(
  { type, limit = type === "duration" ? 3650 * DURATIONS.d! : Infinity }: OptionSpec,
) {
  return limit;
}

function isSlip(option: OptionSpec, value: unknown): boolean {
  const parsed = VALUE_RULES[option.type].parse(value);
  return typeof parsed === "number" && parsed > limitOf(option);
}

function measureText(type: OptionType, amount: number): string {
  if (type === "duration") return `${amount / DURATIONS.d!}d`;
  const unit = ["TB", "GB", "MB", "KB"].find((name) => amount % SIZES[name]! === 0) ?? "B";
  return `${amount / SIZES[unit]!}${unit}`;
}

/** The parser of a type, and the description of its valid values for messages. */
interface ValueRule<T> {
  readonly expected: string;
  /** Returns the parsed value, or `undefined` when the value is invalid. */
  parse(value: unknown): T | undefined;
}

const VALUE_RULES: { readonly [T in OptionType]: ValueRule<ValueTypes[T]> } = {
  boolean: { expected: "true or false", parse: (value) => parseBool(toText(value) ?? "") },
  integer: {
    expected: "a whole number",
    parse: (value) => parseNumber(value, Number.isSafeInteger),
  },
  count: { expected: "auto, auto:100 or a whole number", parse: parseCount },
  share: { expected: "a percentage of the CPUs such as 50%, or a whole number", parse: parseShare },
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
  rates: { expected: "a rate such as 10/s, or {host}=5/s", parse: parseRates },
  env: { expected: EXPECTED, parse: parseEnv },
  stem: { expected: "true, false or the name of a file", parse: parseStem },
  key: { expected: "true, false or a key", parse: parseKey },
};

/** Milliseconds of each unit, from small to large. */
export const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Bytes of each unit, from small to large. */
export const SIZES: Readonly<Record<string, number>> = {
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

function isNull(value: unknown): boolean {
  return value === null || /^\s*(null|none)\s*$/i.test(toText(value) ?? "");
}

function isAllowed(option: OptionSpec, value: OptionValue): boolean {
  const { type, choices, words, min, max = Infinity } = option;
  if (choices && !choices.includes(String(value))) return false;
  if (words && typeof value === "string" && !words.includes(value)) return false;
  // A duration or a size of 0 is valid only where the table allows it with `min: 0`.
  const least = min ?? (isMeasure(type) ? 1 : -Infinity);
  return typeof value !== "number" ||
    (value >= least && value <= Math.min(max, limitOf(option)));
}

function isMeasure(type: OptionType): boolean {
  return type === "duration" || type === "memory";
}

function expandKey({ keys = {} }: OptionSpec, value: OptionValue): OptionValue {
  return typeof value === "string" && Object.hasOwn(keys, value) ? keys[value] ?? value : value;
}

function expandHome(value: OptionValue): OptionValue {
  if (Array.isArray(value)) return value.map(withHome);
  return typeof value === "string" ? withHome(value) : value;
}

function parseNumber(value: unknown, test: (value: number) => boolean): number | undefined {
  // An empty text is invalid, although `Number("")` is 0.
  const number = typeof value === "number" ? value : Number(toText(value)?.trim() || NaN);
  return test(number) ? number : undefined;
}

function parseCount(value: unknown): number | `auto${string}` | undefined {
  const text = toText(value)?.trim();
  if (text && /^auto(:[1-9]\d{0,4})?$/.test(text)) return text as `auto${string}`;
  return parseNumber(value, Number.isSafeInteger);
}

function parseShare(value: unknown): number | `${number}%` | undefined {
  const text = toText(value)?.trim() ?? "";
  if (/^\d{1,4}(\.\d+)?%$/.test(text)) {
    return parseFloat(text) > 0 ? text as `${number}%` : undefined;
  }
  // GNU parallel adds a number with a sign to the number of CPUs.
  return text.startsWith("+") ? undefined : parseNumber(value, Number.isSafeInteger);
}

function parseText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? toText(value) : undefined;
}

function parseStem(value: unknown): boolean | string | undefined {
  const text = toText(value)?.trim();
  return text ? parseBool(text) ?? text : undefined;
}

function parseKey(value: unknown): boolean | string | undefined {
  const text = toText(value);
  return text === "true" || text === "false" ? text === "true" : text || undefined;
}

function parseList(value: unknown): string[] | undefined {
  if (typeof value === "string") return value.split(",").map((word) => word.trim()).filter(Boolean);
  return Array.isArray(value) ? toTexts(value) : undefined;
}

function parseRates(value: unknown): Record<string, string> | undefined {
  if (isDict(value)) return toMap(Object.entries(value));
  const texts = Array.isArray(value) ? value : parseText(value)?.split(/,(?=\s*(?:\{|\d|=))/);
  const pairs = texts?.map((text) => /^\s*([^=]*\{.*\}[^=]*)?=?(.*)$/s.exec(String(text))!);
  if (!pairs?.length) return undefined;
  // Several limits of one key: 10/s, 2 at a time
  const byKey = Map.groupBy(pairs, ([, key = ""]) => key.trim());
  return toMap([...byKey].map(([key, all]) => [key, all.map(([, , rate]) => rate).join(" ")]));
}

function parseMap(value: unknown): Record<string, string> | undefined {
  // A comma belongs to the value unless a name and `=` follow the comma: net=a.com,b.com,read=true
  const pairs = typeof value === "string"
    ? value.split(/,(?=\s*[a-z_][\w-]*=)/i).filter(Boolean)
    : value;
  if (Array.isArray(pairs)) return toMap(pairs.map(toPair));
  return isDict(pairs) ? toMap(Object.entries(pairs)) : undefined;
}

/** Splits `A=1` into a name and a value. The value is `undefined` when the text has no `=`. */
function toPair(text: unknown): [string, unknown] {
  const [, name = "", value] = /^\s*([^\s=]+)\s*=(.*)$/s.exec(String(text)) ?? [];
  return [name, value];
}

function toMap(entries: readonly [string, unknown][]): Record<string, string> | undefined {
  const texts = toTexts(entries.map(([, value]) => toOneText(value)));
  return texts &&
    Object.fromEntries(texts.map((text, index) => [entries[index]?.[0], plainBoolean(text)]));
}

/** Returns `true` for `True`, as YAML and Python spell it, and other texts unchanged. */
function plainBoolean(text: string): string {
  return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
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
