/**
 * The interface of commands, and helpers for their flags.
 *
 * @module
 */

import type { OptionSpec, OptionType } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";
import { HELP_FLAG } from "./help_request.ts";
import type { WordList } from "./word_lists.ts";

/** A command of `dl_jobs`. */
export interface Command {
  /** The word after `dl_jobs`. */
  readonly name: string;
  /**
   * The synopsis without `dl_jobs`: `run METHOD [ARGS] [k=v] [options]`. Its second word determines
   * the completions of the first argument: METHOD, TASK, JOB, or choices separated by `|`.
   */
  readonly usage: string;
  /** The description, in plain sentences. The first one is that of `summaries.ts`. */
  readonly doc: string;
  /** Complete command lines, for the help. A line that starts with `#` is a comment. */
  readonly examples?: readonly string[] | undefined;
  /** The command's own flags, without `--help`, which every command accepts. */
  readonly options: readonly OptionSpec[];
  /** True when the command accepts every option of the config file as a flag. @default {false} */
  readonly config?: boolean | undefined;
  /**
   * True when `name=value` and `name:=json` are keyword arguments; otherwise they are positional.
   *
   * @default {false}
   */
  readonly keywords?: boolean | undefined;
  /** Words that complete an argument, such as the names of `set`. @default {none} */
  readonly words?: readonly string[] | undefined;
  /** True when the words after `--` are a program and its arguments. @default {false} */
  readonly takesProgram?: boolean | undefined;
  /** True when the words after `:::` are lists. @default {false} */
  readonly takesLists?: boolean | undefined;
  /** Runs the command and returns the exit status. */
  run(call: Call): Promise<number>;
}

/** The commands by name. Each command is loaded on first use. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** A parsed command line. */
export interface Call {
  /** The arguments that are neither flags nor keywords, exactly as written. */
  readonly positional: readonly string[];
  /** The words after `--`, for a command that takes a program. */
  readonly program?: readonly string[] | undefined;
  /** The lists after `:::`, for a command that takes lists. */
  readonly lists?: readonly WordList[] | undefined;
  /**
   * The keyword arguments by name: the text of `name=value`, or the parsed JSON of `name:=json`.
   */
  readonly keywords: Readonly<Record<string, unknown>>;
  /**
   * The values of the command's own flags and of `help` by name. An omitted flag has its default.
   */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The given config options by name, with unparsed values for `loadConfig`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Returns all flags of a command. */
export function flagsOf({ options, config = false }: Command): OptionSpec[] {
  return [...options, HELP_FLAG, ...config ? OPTIONS : []];
}

/** Returns the name of a flag in snake_case, without dashes. */
export function flagName({ flag, name }: OptionSpec): string {
  return flag ?? name;
}

/** Returns a flag as a user writes it: `--print-logs`. */
export function spellFlag(option: OptionSpec): string {
  return `--${flagName(option).replaceAll("_", "-")}`;
}

/** Returns the placeholder for the value of an option: `N` in `--workers N`. */
export function labelOf({ label, choices, type }: OptionSpec): string {
  return label ?? (choices ? "NAME" : LABELS[type]);
}

const LABELS: { readonly [T in OptionType]: string } = {
  boolean: "BOOL",
  integer: "N",
  count: "N|auto",
  share: "N",
  number: "N",
  text: "TEXT",
  list: "A,B",
  duration: "TIME",
  memory: "SIZE",
  map: "NAME=VALUE",
  rates: "N/s",
  env: "NAME[=VALUE]",
  stem: "NAME",
  key: "KEY",
};

/** Returns true when a flag may be written without a value. */
export function isSwitch({ type }: OptionSpec): boolean {
  return type === "boolean" || type === "stem" || type === "key";
}

/**
 * Returns true when a word is a flag. A single `-` (stdin or stdout) and a number such as `-5` or
 * `-.5` are arguments.
 */
export function isFlag(token: string): boolean {
  return /^-[^\d.]/.test(token);
}
