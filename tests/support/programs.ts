/**
 * Programs that tests need, and the reasons for which tests are skipped without them.
 *
 * @module
 */

import { findProgram } from "../../tools/support/programs.ts";

/** True when these tests were asked to install what they need: `deno task test --install`. */
export const mayInstall: boolean = Deno.env.get("DL_JOBS_TEST_INSTALL") === "1";

/**
 * Looks for a program, and installs it where that was asked for.
 *
 * @returns the reason for which tests with the program are skipped. In CI there is none: there a
 * test without its program fails.
 */
export async function whyNoProgram(name: string): Promise<string | undefined> {
  const { missing } = await findProgram(name, { install: mayInstall });
  return whySkipped(missing);
}

/** Turns what is missing into the reason for which tests are skipped, with the way out. */
export function whySkipped(missing: string | undefined): string | undefined {
  if (missing === undefined || Deno.env.get("CI")) return undefined;
  return mayInstall ? missing : `${missing}: deno task test --install installs it on Debian`;
}

/** Returns the end of a test's name: the reason for which the test is skipped, if there is one. */
export function skipSuffix(whyNot: string | undefined): string {
  return whyNot === undefined ? "" : ` (skipped: ${whyNot})`;
}
