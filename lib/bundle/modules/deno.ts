/**
 * Commands of Deno that inspect the user's modules.
 *
 * @module
 */

import { awaitSharedSignal } from "../../util/process/shared_signal.ts";

/** The end of a command, and all that it wrote. */
export interface DenoOutput {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of Deno to its end.
 *
 * @param args the command and its arguments
 * @param cwd the folder where the search for the configuration and the lock file begins. @default
 * {the working directory}
 * @see {@link https://docs.deno.com/runtime/reference/cli/}
 */
export async function runDeno(
  args: readonly string[],
  cwd: string = Deno.cwd(),
): Promise<DenoOutput> {
  const { success, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (signal !== null) await awaitSharedSignal();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Returns the flags with which such a command loads what a program with some permissions may import.
 * Deno permits a few hosts without them.
 */
export function importFlags(permissions: readonly string[]): string[] {
  if (permissions.includes("--allow-all")) return ["--allow-import"];
  return permissions.filter((flag) => /^--allow-import\b/.test(flag));
}

/** Returns the reason for a failed command, without the label that Deno puts before it. */
export function reasonOf({ stderr }: DenoOutput): string {
  return stderr.trim().replace(/^error: /, "");
}
