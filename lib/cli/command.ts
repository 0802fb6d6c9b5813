/**
 * The contract of a command, and the flags that it has.
 *
 * @module
 */

import type { OptionSpec, OptionType } from "../config/option_types.ts";
import { OPTIONS } from "../config/options.ts";

/** A command of `dl_jobs`, as its file exports it. */
export interface Command {
  /** The word after `dl_jobs`. */
  readonly name: string;
  /**
   * The command line after `dl_jobs`: `run METHOD [ARGS] [k=v] [options]`. Its second word tells the
   * completions what the first argument is: METHOD, TASK, JOB, or some words with `|` between.
   */
  readonly usage: string;
  /** Plain sentences; the first one is also in the help of `dl_jobs`. */
  readonly doc: string;
  /** Whole command lines, for the help. Those that start with `#` are comments. */
  readonly examples?: readonly string[] | undefined;
  /** The command's own flags. Every command has `--help` without listing it. */
  readonly options: readonly OptionSpec[];
  /** True when every option of the config file is a flag too. */
  readonly config: boolean;
  /**
   * True when `name=value` and `name:=json` are keywords. Else they are positional.
   *
   * @default {false}
   */
  readonly keywords?: boolean | undefined;
  /** Does the work and returns the exit status. */
  run(call: Call): Promise<number>;
}

/** The commands by name, each loaded when it is needed. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/** A command line, parsed. */
export interface Call {
  /** The arguments that are neither flags nor keywords, as they were written. */
  readonly positional: readonly string[];
  /** `name=value` as text, `name:=json` as the value of the JSON. */
  readonly keywords: Readonly<Record<string, unknown>>;
  /** The values of the command's own flags and of `help`, given or default, by name. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The config options that were given, by name, as they were written: for `loadConfig`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The flag that every command has. */
export const HELP_FLAG: OptionSpec = {
  name: "help",
  short: "h",
  type: "boolean",
  default: false,
  doc: "Show this help; with --all, also rare and old options.",
};

/** The flag of `dl_jobs` without a command. */
export const VERSION_FLAG: OptionSpec = {
  name: "version",
  type: "boolean",
  default: false,
  doc: "Show the versions of dl_jobs, Deno and V8.",
};

/** Returns all flags of a command. */
export function flagsOf({ options, config }: Command): OptionSpec[] {
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
  number: "N",
  text: "TEXT",
  list: "A,B",
  duration: "TIME",
  memory: "SIZE",
  map: "NAME=VALUE",
  stem: "NAME",
};

/** Returns true when a flag is complete without a value. */
export function isSwitch({ type }: OptionSpec): boolean {
  return type === "boolean" || type === "stem";
}

/** Tells flags from arguments: `-` alone is stdin or stdout, and `-5` or `-.5` is a number. */
export function isFlag(token: string): boolean {
  return /^-[^\d.]/.test(token);
}

/** Returns the first sentence of a text. */
export function firstSentence(text: string): string {
  return text.split(/(?<=\.) /, 1).join();
}
