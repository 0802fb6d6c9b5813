/**
 * Runs commands of the current Deno executable in the project's folder.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Outcome } from "./step.ts";

/** The project's folder. */
export const ROOT: string = Deno.realPathSync(dirname(dirname(import.meta.dirname!)));

/**
 * Creates a command of the Deno executable that runs this process, which may not be on the `PATH`.
 */
export function deno(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
  const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`;
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    ...options,
    env: { PATH: path, DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
  });
}

/** Runs a command and captures its output. */
export async function runDeno(...args: readonly string[]): Promise<Outcome> {
  const { success, stdout, stderr } = await deno(args).output();
  const decoder = new TextDecoder();
  return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
