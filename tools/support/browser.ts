/**
 * A real Chromium without a window.
 *
 * @module
 */

import { findProgram } from "./programs.ts";
import type { Browser, Page } from "npm:playwright-core@1.65.1";

export type { Browser, Page, Request as PageRequest } from "npm:playwright-core@1.65.1";

const PROGRAM = "chromium";

/**
 * Starts the browser, and installs a missing one when this process is root on Debian.
 *
 * @throws {Error} when there is no browser
 */
export async function startBrowser(): Promise<Browser> {
  const { missing } = await findProgram(PROGRAM, { install: true });
  if (missing) throw new Error(`Cannot start a browser: ${missing}`);
  const specifier = "npm:playwright-core@1.65.1";
  const { chromium } = await import(specifier);
  return await chromium.launch({
    executablePath: await pathOf(PROGRAM),
    // Chromium does not start as root inside its sandbox.
    args: Deno.uid() === 0 ? ["--no-sandbox"] : [],
  });
}

async function pathOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command("which", { args: [program] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Returns the number above a word on the page of a job. */
export async function figure(page: Page, name: string): Promise<number> {
  const box = page.locator(".figure", { has: page.getByText(name, { exact: true }) });
  return Number((await box.locator("dd").textContent())?.replaceAll(",", ""));
}
