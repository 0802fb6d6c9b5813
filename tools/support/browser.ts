/**
 * A real Chromium, without a window.
 *
 * @module
 */

import { findProgram } from "./programs.ts";
import type { Browser } from "npm:playwright-core@1.65.1";

export type { Browser, Page } from "npm:playwright-core@1.65.1";

const PROGRAM = "chromium";

/** Why there is no browser on this machine, if there is none; as root on Debian it is installed. */
export async function whyNoBrowser(): Promise<string | undefined> {
  const { name, missing } = await findProgram(PROGRAM);
  return missing && `${name}: ${missing}`;
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
