/**
 * Asks the user before a command does what cannot be undone.
 *
 * @module
 */

import type { OptionSpec } from "../config/option_types.ts";
import { escapeControls } from "../terminal/escape.ts";
import { UsageError } from "../util/errors.ts";

/** The flag `--yes` of commands that ask. */
export const YES_FLAG: OptionSpec = {
  name: "yes",
  short: "y",
  type: "boolean",
  default: false,
  doc: "Do not ask.",
};

/**
 * Asks a question on the terminal.
 *
 * @param question the question, such as `Remove 3 jobs?`
 * @param action the action for an error message, such as `remove the jobs`
 * @returns true when the answer is yes.
 * @throws {UsageError} when stdin is not a terminal.
 */
export async function askUser(question: string, action: string): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError(`Cannot ask whether to ${action}: stdin is not a terminal, write --yes`);
  }
  await Deno.stderr.write(new TextEncoder().encode(`${escapeControls(question)} [y/N] `));
  const bytes = new Uint8Array(1024), count = await Deno.stdin.read(bytes) ?? 0;
  return /^\s*y(es)?\s*$/i.test(new TextDecoder().decode(bytes.subarray(0, count)));
}
