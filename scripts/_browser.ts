/**
 * A real Chromium, without a window.
 *
 * @module
 */

import type { Browser } from "npm:playwright-core@1.65.1";

export type { Browser, Page } from "npm:playwright-core@1.65.1";

const PROGRAM = "chromium";
const INSTALL_MS = 600_000;

/** Why there is no browser on this machine, if there is none; as root on Debian it is installed. */
export async function whyNoBrowser(): Promise<string | undefined> {
  if (await works(PROGRAM, "--version")) return undefined;
  const isDebian = Deno.build.os === "linux" && await works("apt-get", "--version");
  if (!isDebian || Deno.uid() !== 0) return `${PROGRAM} is not installed`;
  const install = () => works("apt-get", "install", "-y", "--no-install-recommends", PROGRAM);
  // The list of packages may be old, or missing.
  if (!await install() && await works("apt-get", "update")) await install();
  return await works(PROGRAM, "--version") ? undefined : `apt-get could not install ${PROGRAM}`;
}

/** Starts it, and installs it before that where it can be. */
export async function startBrowser(): Promise<Browser> {
  const why = await whyNoBrowser();
  if (why) throw new Error(`Cannot start a browser: ${why}`);
  const specifier = "npm:playwright-core@1.65.1";
  const { chromium } = await import(specifier);
  return await chromium.launch({
    executablePath: await pathOf(PROGRAM),
    // It refuses to be root with it.
    args: Deno.uid() === 0 ? ["--no-sandbox"] : [],
  });
}

async function pathOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command("which", { args: [program] }).output();
  return new TextDecoder().decode(stdout).trim();
}

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
