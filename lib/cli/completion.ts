/**
 * Completes command lines, using the same tables as the parser.
 *
 * @module
 */

import { isPythonModule } from "../bundle/function/interpreter.ts";
import { locateModule, type LocateOptions, moduleNames } from "../bundle/function/resolve.ts";
import { loadConfig } from "../config/load.ts";
import { describeOption } from "../config/option_text.ts";
import type { OptionSpec } from "../config/option_types.ts";
import { PERMISSIONS } from "../config/permissions.ts";
import { jobFolder } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { jobIds } from "../job_dir/find.ts";
import { type Command, type Commands, flagName, flagsOf, isFlag, isSwitch } from "./command.ts";
import { SUMMARIES } from "./summaries.ts";

/** A candidate for completion and its description. The description may be empty. */
export type Candidate = readonly [word: string, doc: string];

/**
 * Returns the candidates that start with the last word of a command line.
 *
 * @param words the words after `dl_jobs`, up to the cursor; the last one may be empty
 */
export async function complete(commands: Commands, words: readonly string[]): Promise<Candidate[]> {
  const before = words.slice(0, -1), word = words.at(-1) ?? "";
  return (await candidates(commands, before, word)).filter(([whole]) => whole.startsWith(word));
}

async function candidates(
  commands: Commands,
  [name, ...before]: readonly string[],
  word: string,
): Promise<readonly Candidate[]> {
  if (name === undefined) return [...NAMES, ...GLOBAL];
  if (name === "help") return before.length === 0 ? NAMES : [];
  if (!Object.hasOwn(commands, name)) return [];
  const command = await commands[name]!();
  const flags = flagsOf(command), isEnded = before.includes("--");
  if (word.startsWith("-") && !isEnded) return await flagWords(flags, word);
  const asked = isEnded ? undefined : flagBefore(before.at(-1), flags);
  if (asked) return await valuesOf(asked, word);
  const first = command.usage.includes("JOB...") || isFirst(before, flags)
    ? await firstArgument(command, word)
    : [];
  return [...first, ...(command.words ?? []).map((name): Candidate => [name, ""])];
}

const NAMES: readonly Candidate[] = Object.entries(SUMMARIES);
const GLOBAL: readonly Candidate[] = [
  ["--help", "Show all commands."],
  ["--version", "Show the versions."],
];

/** Returns the flags that can complete a word, with dashes or underscores as in the word. */
async function flagWords(flags: readonly OptionSpec[], word: string): Promise<Candidate[]> {
  if (word.startsWith("--allow-")) {
    return PERMISSIONS.map((name) => [`--allow-${name}`, "A permission of the tasks."]);
  }
  return (await Promise.all(flags.map((flag) => wordsOf(flag, word)))).flat();
}

async function wordsOf(flag: OptionSpec, word: string): Promise<Candidate[]> {
  const spell = (name: string) => word.includes("_") ? name : name.replaceAll("_", "-");
  const written = `--${spell(flagName(flag))}`;
  if (word.startsWith(`${written}=`)) {
    const values = await valuesOf(flag, word.slice(written.length + 1), true);
    return values.map(([value, doc]) => [`${written}=${value}`, doc]);
  }
  const short: Candidate[] = flag.short ? [[`-${flag.short}`, flag.doc]] : [];
  const negated: Candidate[] = isSwitch(flag) && /^--no[_-]/.test(word)
    ? [[`--${spell(`no_${flagName(flag)}`)}`, `Turns this off: ${flag.doc}`]]
    : [];
  return [...short, [written, flag.doc], ...negated];
}

/** Returns the flag that `last` names, if the flag needs the next word as its value. */
function flagBefore(
  last: string | undefined,
  flags: readonly OptionSpec[],
): OptionSpec | undefined {
  const [, dashes, name = ""] = /^(--?)([^=]+)$/.exec(last ?? "") ?? [];
  if (dashes === undefined) return undefined;
  const flag = dashes === "-" ? shortAtEnd(name, flags) : longFlag(name, flags);
  return flag && !isSwitch(flag) ? flag : undefined;
}

function longFlag(name: string, flags: readonly OptionSpec[]): OptionSpec | undefined {
  return flags.find((flag) => flagName(flag) === name.replaceAll("-", "_"));
}

/**
 * Returns the last of several combined short flags, or `undefined` if an earlier flag is unknown or
 * uses the rest of the word as its value.
 */
function shortAtEnd(letters: string, flags: readonly OptionSpec[]): OptionSpec | undefined {
  const found = [...letters].map((letter) => flags.find(({ short }) => short === letter));
  const isComplete = found.slice(0, -1).some((flag) => !flag || !isSwitch(flag));
  return isComplete ? undefined : found.at(-1);
}

/**
 * Returns the known values of a flag. The values of a boolean flag are candidates only after `=`,
 * because the flag needs no value.
 */
async function valuesOf(flag: OptionSpec, word: string, isJoined = false): Promise<Candidate[]> {
  const { choices = [], keys = {}, type, name } = flag;
  if (type === "map") return await engineWords(name, word);
  const words = isJoined && type === "boolean" ? ["true", "false"] : choices;
  return [...words, ...Object.keys(keys)].map((word) => [word, ""]);
}

/**
 * Returns the options of an engine, each appended to the options that the word already contains,
 * such as `workers=2,`.
 */
async function engineWords(name: string, word: string): Promise<Candidate[]> {
  const { loadEngineOptions } = await import("./engine_options.ts");
  const table = (await loadEngineOptions()).find(({ engine }) => engine === name);
  const start = word.slice(0, word.lastIndexOf(",") + 1);
  return (table?.options ?? []).flatMap((option): Candidate[] => {
    const words = option.choices ?? [""];
    return words.map((value) => [`${start}${option.name}=${value}`, describeOption(option)]);
  });
}

/** Returns true when no argument precedes the cursor. */
function isFirst(before: readonly string[], flags: readonly OptionSpec[]): boolean {
  return before.every((word, i) => isFlag(word) || flagBefore(before[i - 1], flags));
}

/**
 * Returns candidates for the first argument. The argument's name in the usage determines the kind
 * of candidates.
 */
async function firstArgument({ usage }: Command, word: string): Promise<Candidate[]> {
  const kind = usage.split(" ")[1]!.replace(/^\[(.*)\]$/, "$1").replace("...", "");
  if (kind === "METHOD" || kind === "TASK") return await methods(word);
  if (kind === "JOB") return jobs(word);
  return kind.includes("|") ? kind.split("|").map((choice) => [choice, ""]) : [];
}

/**
 * The maximum number of jobs to list as candidates. To complete an older job, a user types the
 * beginning of its id.
 */
const MOST_JOBS = 50;

function jobs(word: string): Candidate[] {
  const found: Candidate[] = [["last", "The newest job."]];
  const ids = jobIds().filter((id) => id.startsWith(word));
  for (let id; found.length <= MOST_JOBS && (id = ids.pop()) !== undefined;) {
    found.push(...candidate(id));
  }
  return found;
}

/** Returns a job as a candidate; nothing when its record cannot be read. */
function candidate(id: string): Candidate[] {
  try {
    const { name, state = "" } = readRecord(jobFolder(id));
    return [[id, `${name} ${state}`.trim()]];
  } catch {
    return [];
  }
}

/** Returns `module.method` for the modules in the search path, or `path.ts#method` for a file. */
async function methods(word: string): Promise<Candidate[]> {
  const { values: options } = await loadConfig();
  const [, path] = /^(.*\.(?:[mc]?[jt]sx?|py))(#.*)?$/s.exec(word) ?? [];
  if (path !== undefined) return await methodsOf(path, "#", options);
  // The folder of run methods is searched first.
  for (const names of moduleNames(options)) {
    const near = names.filter((name) => `${name}.`.startsWith(word) || word.startsWith(`${name}.`));
    const found = await Promise.all(near.map((name) => methodsOf(name, ".", options)));
    if (found.some((some) => some.length > 0)) return found.flat();
  }
  return [];
}

async function methodsOf(
  module: string,
  separator: string,
  options: LocateOptions,
): Promise<Candidate[]> {
  try {
    const url = await locateModule(module, options);
    const text = await Deno.readTextFile(new URL(url));
    const names = isPythonModule(url) ? pythonFunctions(text) : exportsOf(text);
    return names.map((name) => [`${module}${separator}${name}`, ""]);
  } catch {
    // A module that is missing or cannot be read has no candidates.
    return [];
  }
}

/** Finds the functions of a Python module, except those that a worker calls itself. */
function pythonFunctions(text: string): string[] {
  return Array.from(
    text.matchAll(/^(?:async )?def (\p{ID_Start}\p{ID_Continue}*)/gmu),
    ([, name]) => name!,
  )
    .filter((name) => name !== "setup" && name !== "teardown");
}

/** Finds the exports of a module with regular expressions, because a bundler would be too slow. */
function exportsOf(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:async )?(?:function ?\*? ?|const |let |var |class )([\p{ID_Continue}$]+)/gmu,
  );
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)]
    .flatMap(([, names]) =>
      names!.split(",").map((name) => /([\p{ID_Continue}$]+)\s*$/u.exec(name)?.[1] ?? "")
    );
  return [...Array.from(declared, ([, name]) => name!), ...listed].filter((name) => name !== "");
}
