/**
 * What can stand at the cursor of a command line, from the same tables that read it.
 *
 * @module
 */

import { locateModule, type LocateOptions, moduleNames } from "../bundle/resolve.ts";
import { loadConfig } from "../config/load.ts";
import { PERMISSIONS } from "../config/permissions.ts";
import { jobFolder } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { listJobs } from "../job_dir/find.ts";
import {
  type Command,
  type Commands,
  firstSentence,
  type Flag,
  flagName,
  flagsOf,
  isFlag,
  isSwitch,
} from "./args.ts";

/** A word that can be put there, and what it means. */
export type Candidate = readonly [word: string, doc: string];

/**
 * The words that the last one of a command line can become.
 *
 * @param words what stands behind `dl_jobs`, up to the cursor; the last one may be empty
 */
export async function complete(commands: Commands, words: readonly string[]): Promise<Candidate[]> {
  const before = words.slice(0, -1), word = words.at(-1) ?? "";
  return (await candidates(commands, before, word)).filter(([whole]) => whole.startsWith(word));
}

async function candidates(
  commands: Commands,
  [name, ...before]: readonly string[],
  word: string,
): Promise<Candidate[]> {
  if (name === undefined) return [...await commandNames(commands), ...GLOBAL];
  if (name === "help") return before.length === 0 ? await commandNames(commands) : [];
  if (!Object.hasOwn(commands, name)) return [];
  const command = await commands[name]!();
  const flags = flagsOf(command), isEnded = before.includes("--");
  if (word.startsWith("-") && !isEnded) return flagWords(flags, word);
  const asked = isEnded ? undefined : withoutValue(before.at(-1), flags);
  if (asked) return valuesOf(asked);
  return isFirst(before, flags) ? await firstArgument(command, word) : [];
}

const GLOBAL: readonly Candidate[] = [
  ["--help", "Show all commands."],
  ["--version", "Show the versions."],
];

async function commandNames(commands: Commands): Promise<Candidate[]> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return all.map(({ name, doc }) => [name, firstSentence(doc)]);
}

/** The flags as the user begins to write them: with underscores or dashes, alone or with a value. */
function flagWords(flags: readonly Flag[], word: string): Candidate[] {
  const spell = (name: string) =>
    /^--\w+-/.test(word) && !word.includes("_") ? name.replaceAll("_", "-") : name;
  if (word.startsWith("--allow-")) {
    return PERMISSIONS.map((name) => [`--allow-${name}`, "A permission of the tasks."]);
  }
  return flags.flatMap((flag): Candidate[] => {
    const written = `--${spell(flagName(flag))}`;
    if (word.startsWith(`${written}=`)) {
      return valuesOf(flag, true).map(([value, doc]) => [`${written}=${value}`, doc]);
    }
    const negated: Candidate[] = isSwitch(flag) && /^--no[_-]/.test(word)
      ? [[`--${spell(`no_${flagName(flag)}`)}`, `Not: ${flag.doc}`]]
      : [];
    return [[written, flag.doc], ...negated];
  });
}

/** The flag that the last word is, when its value comes next. */
function withoutValue(last: string | undefined, flags: readonly Flag[]): Flag | undefined {
  const [, name] = /^--?([^=]+)$/.exec(last ?? "") ?? [];
  if (name === undefined) return undefined;
  const flag = flags.find((flag) =>
    flagName(flag) === name.replaceAll("-", "_") || flag.short === name
  );
  return flag && !isSwitch(flag) ? flag : undefined;
}

/** The fixed words of a flag; of a switch only those behind a `=`, as it needs none. */
function valuesOf({ choices = [], keys = {}, type }: Flag, isJoined = false): Candidate[] {
  const words = isJoined && type === "boolean" ? ["true", "false"] : choices;
  return [...words, ...Object.keys(keys)].map((word) => [word, ""]);
}

/** Whether no argument stands there yet. */
function isFirst(before: readonly string[], flags: readonly Flag[]): boolean {
  return before.every((word, i) => isFlag(word) || withoutValue(before[i - 1], flags));
}

/** What the usage calls the first argument says what it can be. */
async function firstArgument({ usage }: Command, word: string): Promise<Candidate[]> {
  const kind = usage.split(" ")[1]!.replace(/^\[(.*)\]$/, "$1");
  if (kind === "METHOD" || kind === "TASK") return await methods(word);
  if (kind === "JOB") return await jobs(word);
  return kind.includes("|") ? kind.split("|").map((choice) => [choice, ""]) : [];
}

/** Enough to choose from; who has more jobs types the beginning of an id. */
const MOST_JOBS = 50;

function jobs(word: string): Candidate[] {
  const ids = listJobs().filter((id) => id.startsWith(word)).slice(-MOST_JOBS).reverse();
  const named = ids.map((id): Candidate => [id, nameOf(id)]);
  return [["last", "The newest job."], ...named];
}

function nameOf(id: string): string {
  const { name, state = "" } = readRecord(jobFolder(id));
  return `${name} ${state}`.trim();
}

/** `module.method`, or `path.ts#method` of a file that is there. */
async function methods(word: string): Promise<Candidate[]> {
  const { values: options } = await loadConfig();
  const [, path] = /^(.*\.[mc]?[jt]sx?)(#.*)?$/s.exec(word) ?? [];
  if (path !== undefined) return await methodsOf(path, "#", options);
  // Those of the folder of run methods come first, as they are found first.
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
    const names = exportsOf(await Deno.readTextFile(new URL(url)));
    return names.map((name) => [`${module}${separator}${name}`, ""]);
  } catch {
    // What is not there, or cannot be read, has no methods.
    return [];
  }
}

/** The names that a module exports, by how they are mostly written: a bundler would take too long. */
function exportsOf(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:async )?(?:function ?\*? ?|const |let |var |class )([\w$]+)/gm,
  );
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)]
    .flatMap(([, names]) => names!.split(",").map((name) => /([\w$]+)\s*$/.exec(name)?.[1] ?? ""));
  return [...Array.from(declared, ([, name]) => name!), ...listed].filter((name) => name !== "");
}
