/**
 * Programs, files and ports of this machine.
 *
 * @module
 */

import { isFile } from "../../lib/util/files/fs.ts";
import { until } from "./until.ts";

/**
 * Runs a program repeatedly until it succeeds.
 *
 * @throws {Error} with the program's output when it still fails after a minute
 */
export async function untilDone(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const run = () => output(command, args, env);
  await until(() => run().code === 0, () => `${command} succeeds, but: ${run().stderr}`);
}

/** Returns true when a program is on the `PATH` or in `/usr/sbin`. */
export function isInstalled(program: string): boolean {
  const path = `${Deno.env.get("PATH")}:/usr/sbin`;
  return path.split(":").some((dir) => isFile(`${dir}/${program}`));
}

/** Lists the ids of the processes of this machine. */
export function processIds(): number[] {
  return listNames("/proc").map(Number).filter((pid) => pid > 0);
}

/** Lists the names in a folder; an empty list when the folder does not exist. */
export function listNames(dir: string): string[] {
  try {
    return Array.from(Deno.readDirSync(dir), ({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * Runs a program and returns its stdout.
 *
 * @throws {Error} with the program's output when the program fails
 */
export function runSync(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const { code, stdout, stderr } = output(command, args, env);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
}

/** Runs a program and returns its exit status and its output. */
export function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly code: number; readonly stdout: string; readonly stderr: string } {
  const { code, stdout, stderr } = new Deno.Command(command, {
    args: [...args],
    env: { ...env, PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Closes the stdin of a process that then ends, and waits for its end. */
export async function endByStdin(process: Deno.ChildProcess | undefined): Promise<void> {
  process?.ref();
  await process?.stdin.close().catch(() => {});
  await process?.status;
}
