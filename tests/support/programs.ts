/**
 * Programs that tests need, and the reasons that tests are skipped without them.
 *
 * @module
 */

import { type FindOptions, findProgram } from "../../tools/support/programs.ts";

/** True when the tests may install missing programs: `deno task test --install`. */
export const mayInstall: boolean = Deno.env.get("DL_JOBS_TEST_INSTALL") === "1";

/**
 * Looks for a program, and installs it when {@linkcode mayInstall} is true.
 *
 * @returns the reason that tests with the program are skipped; undefined in CI, where a test
 * without its program fails.
 */
export async function whyNoProgram(
  name: string,
  options: FindOptions = {},
): Promise<string | undefined> {
  const { missing } = await findProgram(name, { install: mayInstall, ...options });
  return whySkipped(missing);
}

/**
 * Returns the reason that tests are skipped, with the way to run them; undefined in CI or when
 * nothing is missing.
 */
export function whySkipped(missing: string | undefined): string | undefined {
  if (missing === undefined || Deno.env.get("CI")) return undefined;
  return mayInstall ? missing : `${missing}: deno task test --install installs it on Debian`;
}

/** Returns the suffix of a test's name, which has the reason when the test is skipped. */
export function skipSuffix(whyNot: string | undefined): string {
  return whyNot === undefined ? "" : ` (skipped: ${whyNot})`;
}
