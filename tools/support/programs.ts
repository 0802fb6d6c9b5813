/**
 * Programs from Debian packages that may be missing.
 *
 * @module
 */

import { lockPackages } from "./packages.ts";

/** A program, with the reason if it cannot be used. */
export interface Program {
  readonly name: string;
  /** The reason that the program cannot be used. Absent for a usable program. */
  readonly missing?: string | undefined;
}

/** Options of a search. */
export interface FindOptions {
  /** Installs a missing program, where this process is root on Debian. @default {false} */
  readonly install?: boolean | undefined;
  /** The Debian package. @default {the name of the program} */
  readonly from?: string | undefined;
  /** Arguments with which a usable program succeeds. @default {those that print its version} */
  readonly args?: readonly string[] | undefined;
}

/** Looks for a program on the `PATH`. With `install`, installs its package. */
export async function findProgram(
  name: string,
  // tmux has no long flags.
  { install = false, from = name, args = [name === "tmux" ? "-V" : "--version"] }: FindOptions = {},
): Promise<Program> {
  const isThere = () => works(name, ...args);
  if (await isThere()) return { name };
  if (!install) return { name, missing: `${from} is not installed` };
  if (Deno.build.os === "windows" || Deno.uid() !== 0 || !await works("apt-get", "--version")) {
    return { name, missing: `${from} is not installed, and only root on Debian can install it` };
  }
  using _lock = await lockPackages();
  const get = () => works("apt-get", "install", "-y", "--no-install-recommends", from);
  if (!await get() && await works("apt-get", "update")) await get();
  if (await isThere()) return { name };
  return { name, missing: `${from} is not installed, and apt-get could not install it` };
}

const INSTALL_MS = 600_000;

/** Returns true when a program starts and ends with status 0. */
async function works(program: string, ...args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(INSTALL_MS),
    }).output();
    return success;
  } catch {
    return false;
  }
}
