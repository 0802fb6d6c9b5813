/**
 * The command of a job: a program that runs once for each task.
 *
 * @module
 */

import { loadText } from "../../deps.ts";
import type { CommandRef } from "../../job_dir/record.ts";
import { argsText, type Task } from "../../tasks/batch.ts";
import { CutList } from "../../tasks/cuts/cut_list.ts";
import { type TaskList, toTasks } from "../../tasks/source.ts";
import { UsageError } from "../../util/errors.ts";
import { isFile } from "../../util/files/fs.ts";
import { readWords, shellWord } from "../../util/shell.ts";
import { Argument, MissingValue } from "../../worker/command/argument.ts";
import { findProgram, foldersOf } from "../../worker/command/find_program.ts";
import { type Template, textsInBraces } from "../../worker/command/parts.ts";
import { readTemplate } from "../../worker/command/template.ts";
import { isOften } from "../list/cut_source.ts";
import type { JobOptions } from "../options/options.ts";
import type { Settings } from "../options/settings.ts";
import { basename } from "../../util/paths.ts";

/**
 * Returns the command that the options of a job define.
 *
 * @throws {UsageError} when the options are not a command.
 */
export function commandOf({ command = "", shell, stdout = "text" }: JobOptions): CommandRef {
  if (!STDOUT.includes(stdout)) {
    throw new UsageError(`Cannot use "${stdout}" as stdout: write ${STDOUT.join(", ")}`);
  }
  const ref = {
    command: wordsOf(command, shell === true),
    shell: shell === true || undefined,
    stdout: stdout === "text" ? undefined : stdout,
  } satisfies CommandRef;
  templateOf(ref);
  checkOtherPlaceholders(ref.command);
  return ref;
}

/** @throws {UsageError} for a placeholder of GNU parallel, which would remain text. */
function checkOtherPlaceholders(words: readonly string[]): void {
  const source = textsInBraces(words).map((text) => text.source).find((text) =>
    text in OF_PARALLEL
  );
  if (source === undefined) return;
  throw new UsageError(
    `Cannot run the command: ${source} is not a placeholder here: write ${OF_PARALLEL[source]}, ` +
      `or {${source}} for the text`,
  );
}

/** Placeholders of GNU parallel, each with its counterpart. */
const OF_PARALLEL: Readonly<Record<string, string>> = {
  "{.}": "'{|dir}/{|stem}'",
  "{/}": "'{|name}'",
  "{//}": "'{|dir}'",
  "{/.}": "'{|stem}'",
  "{%}": "$DL_JOBS_SLOT, in a shell",
};

/** The forms of the stdout of a program. */
const STDOUT: readonly string[] = ["text", "json", "lines", "none"];

function wordsOf(command: string | readonly string[], isShell: boolean): readonly string[] {
  const words = typeof command !== "string" ? command : isShell ? [command] : split(command);
  if (words.some((word) => word.trim() !== "")) return words;
  throw new UsageError("Cannot run a command: it is empty, write a program and its arguments");
}

function split(text: string): string[] {
  const words = readWords(text);
  if (!words) throw new UsageError(`Cannot read the command ${text}: a quote is not closed`);
  const special = words.find(({ bare }) => FOR_SHELL.test(bare));
  if (!special) return words.map((word) => word.text);
  throw new UsageError(
    `Cannot run the command ${text}: "${special.text}" is for a shell, pass --shell, or write it ` +
      "in quotes",
  );
}

// Home folders, operators, redirections, variables and patterns, which a program would receive as text.
const FOR_SHELL =
  /^~[\w-]*(?:\/|$)|^(?:\|\|?|&&?|;|\d?>{1,2}(?:&\d|.*)|<.*|\(|\)|.*;)$|\$[\w({]|`|^\*|\*\.\w+$/;

function templateOf(ref: CommandRef): Template {
  try {
    return readTemplate(ref);
  } catch (cause) {
    throw new UsageError(`Cannot run the command: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Checks before the first task that a command can run at all.
 *
 * @param ref the command
 * @param settings the settings of the job
 * @param warn receives a warning about a command that ignores its argument
 * @throws {UsageError} when the program does not exist, or the job may not run it.
 */
export async function checkCommand(
  ref: CommandRef,
  settings: Settings,
  warn: (text: string) => void,
): Promise<void> {
  const { program, placeholders } = templateOf(ref), { engine, config } = settings;
  if (placeholders.length === 0) {
    warn("the command has no placeholder such as {}: it is the same for all tasks");
  }
  checkPermission(program, settings);
  // Another machine may have other programs, so its workers look for themselves.
  if (engine !== "local" && engine !== "inline") return;
  const path = config.env.PATH ?? Deno.env.get("PATH");
  if (program === undefined) return checkFirstWord(ref.command[0]!, path);
  try {
    findProgram(program, path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const advice = await adviceFor(program, path);
    throw new UsageError(`Cannot run ${program}: ${cause.message}${advice}`, { cause });
  }
}

/**
 * Checks a first word with a placeholder, which may be a whole command in quotes: `'gzip -k {}'`.
 *
 * @throws {UsageError} when the word begins with a program and has blanks.
 */
function checkFirstWord(word: string, path: string | undefined): void {
  const [name = "", ...rest] = word.replaceAll(/\{[^{}]*\}/g, "{}").split(/\s+/);
  if (rest.length > 0 && isProgram(name, path)) {
    throw new UsageError(`Cannot run ${word}: ${oneWord(word)}`);
  }
}

function isProgram(name: string, path: string | undefined): boolean {
  try {
    findProgram(name, path);
    return true;
  } catch {
    return false;
  }
}

function oneWord(word: string): string {
  const isForShell = readWords(word)?.some(({ bare }) => FOR_SHELL.test(bare)) ?? true;
  const way = isForShell ? "write --shell --command" : "leave out the quotes, or write --command";
  return `it is one word, so it would be the name of a program; ${way} ${shellWord(word)}`;
}

function checkPermission(program = "", { permissions }: Settings): void {
  const run = permissions.find((flag) => /^--allow-(all|run)(=|$)/.test(flag));
  if (run !== undefined && !run.includes("=")) return;
  const names = run?.slice(run.indexOf("=") + 1).split(",") ?? [];
  if (names.some((name) => basename(name) === basename(program))) return;
  throw new UsageError(
    `Cannot run ${program || "the command"}: the permissions of the job do not include it, pass ` +
      `--allow-run${program && `=${program}`}`,
  );
}

async function adviceFor(program: string, path = ""): Promise<string> {
  if (/\S\s+\S/.test(program) && isProgram(program.split(/\s+/)[0]!, path)) {
    return `, ${oneWord(program)}`;
  }
  if (program.includes("/")) return ` (relative paths start at ${Deno.cwd()})`;
  if (VARIABLE.test(program)) return `, pass --env ${program} before the command, or --shell`;
  if (OF_SHELL.has(program)) return ", which only a shell has, pass --shell";
  if (isFile(program)) return `, write ./${program} for the file in this folder`;
  const names = foldersOf(path).flatMap(namesIn), elsewhere = `; PATH is ${path}`;
  if (names.length === 0) return elsewhere;
  const { closestString, levenshteinDistance } = await loadText();
  const near = closestString(program, names);
  const isNear = levenshteinDistance(near, program) <= Math.ceil(program.length / 4);
  return isNear ? `, did you mean ${near}?` : elsewhere;
}

// The setting of a variable before a command.
const VARIABLE = /^[A-Za-z_]\w*=/;
/** The commands and words of a shell that are not programs. */
const OF_SHELL: ReadonlySet<string> = new Set(
  (". : { ( ! alias bg case cd command declare eval exec exit export fg for function if local " +
    "readonly return set shift source times trap type typeset ulimit umask unset until wait while")
    .split(" "),
);

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return []; // PATH may name folders that do not exist.
  }
}

/**
 * Checks the first task of a list, and returns the check. A list that can be read only once is
 * checked when it is read.
 *
 * @throws {UsageError} when the argument lacks a value that the command needs.
 */
export async function checkFirstTask(
  ref: CommandRef,
  list: TaskList,
): Promise<(task: Task) => void> {
  const template = templateOf(ref), texts = textsInBraces(ref.command);
  const check = ({ id, args }: Task) => {
    try {
      const argument = new Argument(argsText(args), id);
      template.fill(argument);
      const key = texts.find(({ path }) => argument.has(path));
      if (key !== undefined) throw new TypeError(notReplaced(key.source));
    } catch (cause) {
      // A line that is not JSON fails alone.
      if (!(cause instanceof TypeError)) return;
      const text = cause instanceof MissingValue ? `, or {${cause.source}} for the text` : "";
      throw new UsageError(`Cannot run task ${id}: ${cause.message}${text}`, { cause });
    }
  };
  // A shuffled list must be read as a whole.
  const isSlow = list instanceof CutList && list.cuts.shuffle === true;
  for await (const batch of isOften(list) && !isSlow ? toTasks(list) : []) {
    check(batch.task(0));
    break;
  }
  return check;
}

/** Returns the error of a key in braces that remains text, which its user cannot want. */
function notReplaced(source: string): string {
  return `${source} is text, although the argument has such a key: the key of a placeholder begins ` +
    "with a letter, a digit, _ or @, and contains only these, single blanks and :%+/.-; rename the " +
    `key, or write {${source}} for the text`;
}

/** Yields the command lines of the first tasks of a list, as text for a shell. */
export async function* commandLines(
  ref: CommandRef,
  list: TaskList,
  most: number,
): AsyncGenerator<string> {
  const template = templateOf(ref);
  let count = 0;
  for await (const batch of toTasks(list)) {
    for (const { id, args } of batch) {
      if (count++ === most) return;
      yield template.fill(new Argument(argsText(args), id)).map(shellWord).join(" ");
    }
  }
}
