/**
 * Versions of the project.
 *
 * @module
 * @see https://semver.org/
 */

import config from "../../deno.json" with { type: "json" };

/** The version in `deno.json`. */
export const VERSION: string = config.version;

const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Returns true when a text is the version of a release: `1.2.3`. */
export function isVersion(text: string): boolean {
  return FORM.test(text);
}

/** Compares two versions. @returns a negative number when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

/** Returns the version after that of `deno.json`: a new feature of it. */
export function nextVersion(): string {
  const [major = 0, minor = 0] = VERSION.split(".").map(Number);
  return `${major}.${minor + 1}.0`;
}
