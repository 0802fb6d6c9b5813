/**
 * Finds a request for help in a command line.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";

/** The two forms of help. */
export type HelpRequest = "common" | "all";

/** Commands that the program itself calls. They have no help. */
const HIDDEN = ["worker", "python-job"];
/** The words that request help in the place of a command. */
export const HELP_WORDS: readonly string[] = ["help", "--help", "-h"];

/** The flag that every command has. */
export const HELP_FLAG: OptionSpec = {
  name: "help",
  short: "h",
  type: "boolean",
  default: false,
  doc: "Show this help; with --all, also rare and old options.",
};

/** Returns true when a command line only requests the common help of `dl_jobs` itself. */
export function isMainHelp([word = "", ...rest]: readonly string[]): boolean {
  return HELP_WORDS.includes(word) && rest.length === 0;
}

/** Returns true when a command line only prints help. */
export function isHelp([name = "", ...rest]: readonly string[]): boolean {
  if (HELP_WORDS.includes(name)) return true;
  return !HIDDEN.includes(name) && helpRequest(rest) !== undefined;
}

/**
 * Returns the form of help that the words after a command request, or `undefined` when they request
 * no help.
 */
export function helpRequest(argv: readonly string[]): HelpRequest | undefined {
  const end = argv.indexOf("--");
  const tokens = end < 0 ? argv : argv.slice(0, end);
  if (!tokens.includes("--help") && !tokens.includes("-h")) return undefined;
  return tokens.includes("--all") ? "all" : "common";
}
