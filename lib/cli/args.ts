/**
 * Parses command lines, using the table of options and each command's own flags.
 *
 * @module
 */

import { type OptionSpec, parseValue } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import { defined } from "../util/defined.ts";
import { UsageError } from "../util/errors.ts";
import { parseJson, type RevivedSource } from "../util/parse_json.ts";
import { nearestWord } from "../util/text/nearest.ts";
import {
  type Call,
  type Command,
  flagName,
  flagsOf,
  isFlag,
  isSwitch,
  labelOf,
  spellFlag,
} from "./command.ts";
import { HELP_FLAG } from "./help_request.ts";
import { splitLists } from "./word_lists.ts";

/** The arguments of a call, without its flags. */
type Arguments = Pick<Call, "positional" | "keywords">;

/** A flag and its value, as the user wrote it. */
type FlagValue = readonly [flag: OptionSpec, value: string];

/** The values of the flags by their names; a flag with several values has a list. */
type GivenFlags = Readonly<Record<string, string | readonly string[]>>;

/**
 * Parses the command line after the command's name. Flags and arguments may be mixed; every word
 * after `--` is an argument, or belongs to a program.
 *
 * @returns the call. The values of the command's own flags are parsed. The values of config options
 * are left unparsed for `loadConfig`.
 *
 * @example
 * ```ts
 * import { parseCommand } from "./args.ts";
 * import { configCommand } from "./config.ts";
 *
 * const call = await parseCommand(configCommand, ["-f", "is_dev=no", "-j4"]);
 * if (call.keywords.is_dev !== "no" || call.config.workers !== "4") throw new Error("not read");
 * if (call.flags.force !== true || call.flags.info !== false) throw new Error("not typed");
 * ```
 *
 * @throws {UsageError} when a flag is unknown, when its value is missing or invalid, or when the
 * JSON of a keyword is invalid.
 */
export async function parseCommand(command: Command, argv: readonly string[]): Promise<Call> {
  const own = [...command.options, HELP_FLAG];
  const config = command.config ? OPTIONS : [];
  const { flags, rest, last } = await sortTokens(argv, command);
  const given = collectFlags(flags);
  const { positional, keywords } = command.keywords ? readKeywords(rest) : noKeywords(rest);
  return defined<Call>({
    ...programOf(command, positional, last),
    keywords,
    flags: Object.fromEntries(own.map((flag) => [flag.name, ownValue(flag, given)])),
    config: configValues(config, given),
  });
}

/** Separates the program and the lists of a command from its other arguments. */
function programOf(
  { takesProgram = false, takesLists = false }: Command,
  positional: readonly string[],
  last: readonly string[],
): Pick<Call, "positional" | "program" | "lists"> {
  const [before, after] = takesLists
    ? [splitLists(positional), splitLists(last)]
    : [{ words: positional, lists: [] }, { words: last, lists: [] }];
  return {
    positional: takesProgram ? before.words : [...before.words, ...after.words],
    program: takesProgram && after.words.length > 0 ? after.words : undefined,
    lists: takesLists ? [...before.lists, ...after.lists] : undefined,
  };
}

/**
 * Sorts words into flags with their values (`flags`), arguments before `--` (`rest`) and arguments
 * after `--` (`last`).
 */
async function sortTokens(
  argv: readonly string[],
  command: Command,
): Promise<{ flags: FlagValue[]; rest: string[]; last: string[] }> {
  // The next word is the last one, because shift() on a list of a hundred thousand paths is O(n).
  const tokens = argv.toReversed();
  const flags: FlagValue[] = [];
  const rest: string[] = [];
  for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
    if (token === "--") break;
    if (isFlag(token) || isNulFlag(token, command)) {
      flags.push(
        ...await readFlag(token, tokens, command).catch(async (error) => {
          throw await flagOfProgram(token, rest[0], command) ?? error;
        }),
      );
    } else rest.push(token);
  }
  return { flags, rest, last: tokens.reverse() };
}

/** Explains a flag that belongs to a program which is named like a function. */
async function flagOfProgram(
  token: string,
  task: string | undefined,
  { takesProgram = false }: Command,
): Promise<UsageError | undefined> {
  const { programHint } = await import("./program_hint.ts");
  const hint = takesProgram && task !== undefined ? programHint(task) : undefined;
  return hint === undefined ? undefined : new UsageError(`Cannot use option "${token}": ${hint}`);
}

/** Returns true for `-0` and combinations such as `-0q`, if the command has this flag. */
function isNulFlag(token: string, command: Command): boolean {
  return /^-0[a-z]*$/.test(token) && flagsOf(command).some(({ short }) => short === "0");
}

/**
 * Returns the flags in a token with their values, and removes a value from the end of `tokens` when
 * it is a separate word.
 */
async function readFlag(
  token: string,
  tokens: string[],
  command: Command,
): Promise<FlagValue[]> {
  const known = flagsOf(command);
  const permissions = known.find(({ name }) => name === "permissions");
  if (permissions && ALLOW.test(token)) return [[permissions, permissionValue(token)]];
  return token.startsWith("--")
    ? [await readLong(token, tokens, command)]
    : await readShort(token, tokens, command);
}

async function readLong(
  token: string,
  tokens: string[],
  command: Command,
): Promise<FlagValue> {
  const known = flagsOf(command);
  const [, word = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(token) ?? [];
  const name = word.replaceAll("-", "_");
  const flag = known.find((flag) => flagName(flag) === name);
  if (flag) return [flag, takeWords(flag, value ?? takeValue(flag, tokens), tokens)];
  const negated = known.find((flag) => isSwitch(flag) && `no_${flagName(flag)}` === name);
  if (negated && value === undefined) return [negated, "false"];
  throw await unknownFlag(name, `--${word}`, command);
}

/** Splits combined short flags, such as `-qj4` into `-q` and `-j 4`. */
async function readShort(
  token: string,
  tokens: string[],
  command: Command,
): Promise<FlagValue[]> {
  const known = flagsOf(command), flags: FlagValue[] = [];
  for (let at = 1;; at++) {
    const flag = known.find(({ short }) => short === token[at]);
    if (!flag) throw await unknownLetter(token, at, command);
    const rest = token.slice(at + 1);
    if (rest === "") return [...flags, [flag, takeValue(flag, tokens)]];
    if (rest.startsWith("=")) return [...flags, [flag, rest.slice(1)]];
    if (!isSwitch(flag)) return [...flags, [flag, rest]];
    flags.push([flag, "true"]);
  }
}

// Deno's permission flags, which Deno's error messages suggest to users.
const ALLOW = /^(?:-A|--allow-([a-z]+)(?:=(.*))?)$/s;

function permissionValue(token: string): string {
  const [, name = "all", value = "true"] = ALLOW.exec(token)!;
  return `${name}=${value}`;
}

function takeValue(flag: OptionSpec, tokens: string[]): string {
  const next = tokens.at(-1);
  // A word after a switch is an argument of the user.
  if (isSwitch(flag) && !(flag.takesBool && /^(?:true|false)$/i.test(next ?? ""))) return "true";
  if (next === undefined || isFlag(next)) throw missingValue(flag);
  tokens.pop();
  return next;
}

/** Adds the words `NAME=VALUE` that follow the value of a flag, if the flag takes them. */
function takeWords(flag: OptionSpec, value: string, tokens: string[]): string {
  const words = [value];
  while (flag.takesWords && /^[^-=:/\s][^=:/\s]*:?=/.test(tokens.at(-1) ?? "")) {
    words.push(tokens.pop()!);
  }
  return words.join("\0");
}

function missingValue(flag: OptionSpec): UsageError {
  const name = spellFlag(flag), { choices } = flag;
  const names = choices ? `, one of ${choices.join(", ")}` : "";
  return new UsageError(
    `Cannot use option "${name}" without a value: write ${name} ${labelOf(flag)}${names}`,
  );
}

/** A flag that the command does not have, nor one that starts with its name. */
export class UnknownFlag extends UsageError {
  /**
   * Creates the error.
   *
   * @param flag the name of the flag, in snake_case
   */
  constructor(message: string, readonly flag: string) {
    super(message);
  }
}

/**
 * Explains a letter that is not a flag of the command.
 *
 * @param at the position of the letter in the token
 */
async function unknownLetter(token: string, at: number, command: Command): Promise<UsageError> {
  const given = token.replace(/=.*/s, ""), word = given.slice(1);
  const { longName } = await import("./habits.ts");
  const isWord = /[a-z]/i.test(token[at + 1] ?? "");
  const name = isWord ? undefined : longName(token[at]!);
  // A single letter is too short to suggest a similar flag.
  const error = name === undefined ? undefined : await unknownFlag(name, given, command);
  if (error && !error.message.endsWith(SEE_HELP)) return error;
  const flags = flagsOf(command), options: readonly OptionSpec[] = OPTIONS;
  const short = options.find((one) => one.short === token[at])?.name;
  const way = flags.some((flag) => flagName(flag) === word.replaceAll("-", "_"))
    ? `did you mean -${given}?`
    : short !== undefined && command.words?.includes(`${short}=`)
    ? `write ${short}=VALUE, without dashes`
    : SEE_HELP;
  return new UsageError(`Cannot use option "${given}": ${way}`);
}

const SEE_HELP = "see --help for the options";

/**
 * Explains a flag that the command does not have.
 *
 * @param name the flag, in snake_case
 * @param given the flag as the user wrote it
 */
async function unknownFlag(name: string, given: string, command: Command): Promise<UsageError> {
  if (name === "all") return noAll(command);
  if (command.words?.includes(`${name}=`)) {
    return new UsageError(
      `Cannot use option "${given}" with ${command.name}: write ${name}=VALUE, without dashes`,
    );
  }
  const [{ meantOption }, { adviceFor }] = await Promise.all([
    import("../config/option_synonyms.ts"),
    import("./habits.ts"),
  ]);
  const flags = flagsOf(command).map(flagName),
    other = meantOption(name),
    known = other ?? name;
  const isOwn = other !== undefined && flags.includes(other);
  const engines = isOwn ? [] : await enginesWith(known, flags);
  if (engines.length > 0) {
    const ways = engines.map((engine) => `--${engine} ${known}=VALUE`).join(" or ");
    return new UsageError(`Cannot use option "${given}": an engine has it, write ${ways}`);
  }
  const advice = isOwn ? undefined : adviceFor(name, flags);
  const argument = command.keywords ? `, an argument is written ${name}=VALUE, without dashes` : "";
  if (advice !== undefined) {
    return new UsageError(`Cannot use option "${given}": ${advice}${argument}`);
  }
  const near = isOwn ? other : await nearestWord(name, flags);
  const way = near === undefined
    ? `${SEE_HELP}${argument}`
    : `did you mean --${near.replaceAll("_", "-")}?`;
  const message = `Cannot use option "${given}": ${way}`;
  // An own flag, by its start or its name in another tool, is rather meant than the same flag of
  // another command.
  return isOwn || near?.startsWith(name) ? new UsageError(message) : new UnknownFlag(message, name);
}

function noAll({ name, usage, config = false }: Command): UsageError {
  if (config) {
    return new UsageError('Cannot use option "--all" without --help: write --help --all');
  }
  const way = /\bJOB\b/.test(usage) ? ", name each job as dl_jobs jobs lists it" : "";
  return new UsageError(`Cannot use option "--all" with ${name}: it belongs to --help${way}`);
}

/** Returns the engines of a command, by its flags, that have an option of their own of a name. */
async function enginesWith(name: string, flags: readonly string[]): Promise<string[]> {
  const [{ loadEngineOptions }, { isSbatchOption }] = await Promise.all([
    import("./engine_options.ts"),
    import("./synonyms.ts"),
  ]);
  return (await loadEngineOptions()).filter(({ engine, options }) =>
    flags.includes(engine) &&
    (options.some((option) => option.name === name) || (engine === "slurm" && isSbatchOption(name)))
  ).map(({ engine }) => engine);
}

/** Collects the values of flags by their names. A flag with one value keeps the last one. */
function collectFlags(flags: readonly FlagValue[]): GivenFlags {
  const given: Record<string, string | string[]> = {};
  for (const [flag, value] of flags) {
    const name = flagName(flag);
    if (takesMany(flag)) given[name] = [...given[name] ?? [], value];
    else given[name] = value;
  }
  return given;
}

function takesMany({ type, takesWords = false }: OptionSpec): boolean {
  return takesWords || ["list", "map", "env", "rates"].includes(type);
}

/**
 * Returns the value of a flag. Joins the values of a repeated list or map flag with commas. A
 * variable of `env` may contain commas itself.
 */
function rawValue(flag: OptionSpec, given: GivenFlags): unknown {
  const value = given[flagName(flag)];
  if (!Array.isArray(value) || flag.type === "env") return value;
  return value.join(flag.takesWords ? "\0\0" : ",");
}

function isGiven(flag: OptionSpec, given: GivenFlags): boolean {
  return given[flagName(flag)] !== undefined;
}

function ownValue(flag: OptionSpec, given: GivenFlags): unknown {
  const value = isGiven(flag, given) ? rawValue(flag, given) : flag.default;
  return parseValue(flag, value, spellFlag(flag));
}

function configValues(config: readonly OptionSpec[], given: GivenFlags): Call["config"] {
  const present = config.filter((flag) => isGiven(flag, given));
  return Object.fromEntries(present.map((flag) => [flag.name, rawValue(flag, given)]));
}

function noKeywords(rest: readonly string[]): Arguments {
  return { positional: rest, keywords: {} };
}

function readKeywords(rest: readonly string[]): Arguments {
  const matches = rest.map((token) => /^([A-Za-z_$][\w$]*)(:?=)(.*)$/s.exec(token));
  const given = matches.filter((match) => match !== null);
  checkOnce(given);
  const keywords = given.map(readKeyword);
  return {
    positional: rest.filter((_, index) => matches[index] === null),
    keywords: Object.fromEntries(keywords),
  };
}

/** Refuses a keyword that is given twice, because a value would be lost without a word. */
function checkOnce(given: readonly (readonly string[])[]): void {
  const tokens = new Map<string, string>();
  for (const [token = "", name = ""] of given) {
    const other = tokens.get(name);
    tokens.set(name, token);
    if (other === undefined) continue;
    throw new UsageError(`Cannot use "${token}": ${name} is given twice, also as "${other}"`);
  }
}

function readKeyword([token, name = "", sign, text = ""]: readonly string[]): [string, unknown] {
  if (sign === "=") return [name, text];
  try {
    return [name, parseJson(text, keepDigits)];
  } catch (cause) {
    const { message } = cause as Error;
    const way = /^[a-z]/i.test(text) ? `, write ${name}=${text} for a text` : "";
    throw new UsageError(`Cannot read "${token}" as JSON: ${message}${way}`, { cause });
  }
}

/** Refuses a number that JavaScript cannot hold, instead of a rounded integer or an infinity. */
function keepDigits(_key: string, value: unknown, { source }: RevivedSource): unknown {
  const isKept = Number.isSafeInteger(value) || Number.isFinite(value) && !Number.isInteger(value);
  if (typeof value !== "number" || isKept) return value;
  throw new RangeError(`${source} is too large for a number, write it in quotes`);
}
