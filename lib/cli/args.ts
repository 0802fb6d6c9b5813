/**
 * The command line: what a command is, how its tokens are read, and its help, all from the table of
 * options in `config.ts` and from each command's own flags.
 *
 * @module
 */

import {
  describe,
  formatValue,
  type Option,
  type OptionType,
  parseValue,
} from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import { loadArgs, loadText } from "../deps.ts";
import { UsageError } from "../util/errors.ts";
import { parseBool } from "../util/parse_bool.ts";

/** A flag of one command: an entry like those of `OPTIONS`, and perhaps a letter. */
export interface Flag extends Option {
  /** One letter: `f` for `-f`. */
  readonly short?: string;
}

/** One command of `dl_jobs`, as its file exports it. */
export interface Command {
  /** The word after `dl_jobs`. */
  readonly name: string;
  /**
   * What follows `dl_jobs`: `run METHOD [ARGS] [k=v] [options]`. The second word also says to the
   * completions what the first argument is: METHOD, TASK, JOB, or some words with `|` between.
   */
  readonly usage: string;
  /** One plain sentence. */
  readonly doc: string;
  /** Whole command lines, for the help. */
  readonly examples?: readonly string[];
  /** The command's own flags. `--help` is there without being listed. */
  readonly options: readonly Flag[];
  /** Whether every option of the config file is a flag too. */
  readonly config: boolean;
  /**
   * Whether `name=value` and `name:=json` are keywords. Else they are positional.
   *
   * @default {false}
   */
  readonly keywords?: boolean;
  /** Does the work and gives the exit status. */
  run(call: Call): Promise<number>;
}

/** The commands by name, each loaded when it is asked for. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** A command line, read. */
export interface Call {
  /** What is no flag and no keyword, as it was written. */
  readonly positional: readonly string[];
  /** `name=value` as text, `name:=json` as what the JSON says. */
  readonly keywords: Readonly<Record<string, unknown>>;
  /** The command's own flags and `help`, all of them, by name: given or default, typed. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The config options that were given, by name, as they were written: for `loadConfig`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The part of a call that is no flag. */
type Arguments = Pick<Call, "positional" | "keywords">;

/** What `parseArgs` makes of flags. */
type Given = Readonly<Record<string, string | readonly string[]>>;

const HELP: Flag = {
  name: "help",
  short: "h",
  type: "boolean",
  default: false,
  doc: "Show this help.",
};

const VERSION: Flag = {
  name: "version",
  type: "boolean",
  default: false,
  doc: "Show the versions of dl_jobs, Deno and V8.",
};

/**
 * Reads what follows the command's name. Flags and arguments may be mixed; after `--` all are
 * arguments.
 *
 * @example
 * ```ts
 * import { parseCommand } from "./args.ts";
 * import { configCommand } from "./config.ts";
 *
 * const call = await parseCommand(configCommand, ["-f", "is_dev=no", "--workers", "4"]);
 * if (call.keywords.is_dev !== "no" || call.config.workers !== "4") throw new Error("not read");
 * if (call.flags.force !== true || call.flags.info !== false) throw new Error("not typed");
 * ```
 *
 * @throws {UsageError} When a flag is unknown, has no value or a wrong one, or a keyword's JSON is
 * none. Config options are only collected: `loadConfig` reads their values. Trying again cannot
 * help.
 */
export async function parseCommand(command: Command, argv: readonly string[]): Promise<Call> {
  const own = [...command.options, HELP];
  const config = command.config ? OPTIONS : [];
  const known = flagsOf(command);
  const { flags, rest, last } = await sortTokens(argv, known);
  const given = await readFlags(flags, known);
  const { positional, keywords } = command.keywords ? readKeywords(rest) : noKeywords(rest);
  return {
    positional: [...positional, ...last],
    keywords,
    flags: Object.fromEntries(own.map((flag) => [flag.name, ownValue(flag, given)])),
    config: configValues(config, given),
  };
}

/** All flags of a command. */
export function flagsOf({ options, config }: Command): Flag[] {
  return [...options, HELP, ...config ? OPTIONS : []];
}

/** The help of one command. */
export function helpText({ usage, doc, examples = [], options, config }: Command): string {
  const own = formatRows([...options, HELP].map(helpRow));
  const shared = formatRows(OPTIONS.map(helpRow));
  return [
    `Usage: dl_jobs ${usage}`,
    wrap(doc, COLUMNS).join("\n"),
    ...examples.length > 0 ? [`Examples:\n${examples.map((line) => `  ${line}`).join("\n")}`] : [],
    `Options:\n${own}`,
    ...config ? [`${CONFIG_TITLE}\n${shared}`, CONFIG_NOTE] : [],
  ].join("\n\n");
}

/** The help of `dl_jobs` itself. */
export function mainHelp(commands: readonly Pick<Command, "name" | "doc">[]): string {
  return [
    "Usage: dl_jobs COMMAND [arguments] [options]",
    "Run one function over a long list of arguments: on this machine or on a cluster.",
    `Commands:\n${formatRows(commands.map(({ name, doc }) => [name, firstSentence(doc)]))}`,
    `Options:\n${formatRows([HELP, VERSION].map(helpRow))}`,
    "dl_jobs COMMAND --help tells more about a command.",
  ].join("\n\n");
}

/** The first sentence of a text. */
export function firstSentence(text: string): string {
  return text.split(/(?<=\.) /, 1).join();
}

/** The flags, each in one token, then the arguments before `--`, then those behind it. */
async function sortTokens(
  argv: readonly string[],
  known: readonly Flag[],
): Promise<{ flags: string[]; rest: string[]; last: string[] }> {
  const tokens = [...argv];
  const flags: string[] = [];
  const rest: string[] = [];
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token === "--") break;
    if (isFlag(token)) flags.push(await spellOut(token, tokens, known));
    else rest.push(token);
  }
  return { flags, rest, last: tokens };
}

/** `-` alone means stdin or stdout, and `-5` or `-.5` is a number. */
export function isFlag(token: string): boolean {
  return /^-[^\d.]/.test(token);
}

/**
 * Makes `--dev=true` of `-d`, `--dev` or `--dev True`, taking the value from the tokens behind it.
 * `parseArgs` gets this one spelling, because it reads others differently: `--dev yes` leaves
 * `yes` over, `--log_dir -` and `--log_dir ""` lose their value.
 */
async function spellOut(token: string, tokens: string[], known: readonly Flag[]): Promise<string> {
  if (known.some(({ name }) => name === "permissions") && ALLOW.test(token)) {
    return permission(token);
  }
  const [, dashes, word = "", value] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(token) ?? [];
  const name = word.replaceAll("-", "_");
  const flag = known.find((flag) => dashes === "-" ? flag.short === name : flagName(flag) === name);
  if (flag) return `--${flagName(flag)}=${value ?? takeValue(flag, tokens)}`;
  const negated = known.find((flag) => isSwitch(flag) && `no_${flagName(flag)}` === name);
  if (negated && value === undefined) return `--${flagName(negated)}=false`;
  throw await unknownFlag(`${dashes}${word}`, known);
}

// Deno's own flags, which its errors name.
const ALLOW = /^(?:-A|--allow-([a-z]+)(?:=(.*))?)$/s;

function permission(token: string): string {
  const [, name = "all", value = "true"] = ALLOW.exec(token)!;
  return `--permissions=${name}=${value}`;
}

function takeValue(flag: Flag, tokens: string[]): string {
  const next = tokens[0];
  if (isSwitch(flag) && parseBool(next ?? "") === undefined) return "true";
  if (next === undefined || isFlag(next)) throw missingValue(flag);
  tokens.shift();
  return next;
}

function missingValue(flag: Flag): UsageError {
  const name = `--${flagName(flag)}`;
  return new UsageError(
    `Cannot use option "${name}" without a value: write ${name} ${LABELS[flag.type]}`,
  );
}

async function unknownFlag(given: string, known: readonly Flag[]): Promise<UsageError> {
  // One letter is as near to any name as to any other.
  if (!given.startsWith("--")) {
    return new UsageError(`Cannot use option "${given}": see --help for those that there are`);
  }
  const { closestString } = await loadText();
  const nearest = closestString(given.slice(2).replaceAll("-", "_"), known.map(flagName));
  return new UsageError(`Cannot use option "${given}": did you mean --${nearest}?`);
}

/** How a flag is written, without its dashes. */
export function flagName(flag: Flag): string {
  return flag.flag ?? flag.name;
}

/** Whether the flag means something without a value. */
export function isSwitch({ type }: Flag): boolean {
  return type === "boolean" || type === "stem";
}

async function readFlags(flags: readonly string[], known: readonly Flag[]): Promise<Given> {
  const { parseArgs } = await loadArgs();
  const many = known.filter(({ type }) => type === "list" || type === "map");
  return parseArgs(flags, { string: known.map(flagName), collect: many.map(flagName) });
}

/** What was given for a flag; a list or a map that was given in several parts is one text again. */
function rawValue(flag: Flag, given: Given): unknown {
  const value = given[flagName(flag)];
  return Array.isArray(value) ? value.join(",") : value;
}

function isGiven(flag: Flag, given: Given): boolean {
  // parseArgs makes an empty list of a collected flag that is not there.
  const value = given[flagName(flag)];
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function ownValue(flag: Flag, given: Given): unknown {
  const value = isGiven(flag, given) ? rawValue(flag, given) : flag.default;
  return parseValue(flag, value, `--${flagName(flag)}`);
}

function configValues(config: readonly Flag[], given: Given): Call["config"] {
  const present = config.filter((flag) => isGiven(flag, given));
  return Object.fromEntries(present.map((flag) => [flag.name, rawValue(flag, given)]));
}

function noKeywords(rest: readonly string[]): Arguments {
  return { positional: rest, keywords: {} };
}

function readKeywords(rest: readonly string[]): Arguments {
  const matches = rest.map((token) => /^([A-Za-z_$][\w$]*)(:?=)(.*)$/s.exec(token));
  const keywords = matches.filter((match) => match !== null).map(readKeyword);
  return {
    positional: rest.filter((_, index) => matches[index] === null),
    keywords: Object.fromEntries(keywords),
  };
}

function readKeyword([token, name = "", sign, text = ""]: readonly string[]): [string, unknown] {
  if (sign === "=") return [name, text];
  try {
    return [name, JSON.parse(text)];
  } catch (cause) {
    throw new UsageError(`Cannot read "${token}" as JSON: ${(cause as Error).message}`, { cause });
  }
}

const COLUMNS = 100;

const CONFIG_TITLE = "Config options, also keys of dl_jobs.config.yaml and DL_JOBS_NAME variables:";

const CONFIG_NOTE =
  "Names may have dashes: --print-logs. --dev is short for --dev true, --no-dev for --dev false.";

/** What stands for a flag's value in the help. */
const LABELS: { readonly [T in OptionType]: string } = {
  boolean: "BOOL",
  integer: "N",
  number: "N",
  text: "TEXT",
  list: "A,B",
  duration: "TIME",
  memory: "SIZE",
  map: "NAME=VALUE",
  stem: "BOOL|NAME",
};

function helpRow(flag: Flag): [string, string] {
  const short = flag.short ? `-${flag.short}, ` : "";
  const label = flag === HELP || flag === VERSION ? "" : ` ${LABELS[flag.type]}`;
  const key = flag.flag ? ` [key: ${flag.name}]` : "";
  return [`${short}--${flagName(flag)}${label}`, `${describe(flag)}${key}${defaultText(flag)}`];
}

function defaultText({ default: value }: Flag): string {
  const text = formatValue(value);
  return ["", "null", "false"].includes(text) ? "" : ` [default: ${text}]`;
}

/** Two columns, the second one wrapped. */
function formatRows(rows: readonly (readonly [string, string])[]): string {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  const line = ([left, right]: readonly [string, string]) =>
    `  ${left}`.padEnd(indent) + wrap(right, COLUMNS - indent).join(`\n${" ".repeat(indent)}`);
  return rows.map(line).join("\n");
}

/** Lines of at most that many columns; a longer word, or what stands in brackets, is not broken. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?![^[]*\])/)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
