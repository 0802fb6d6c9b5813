/**
 * The files that contain the version.
 *
 * @module
 */

import { ROOT } from "../steps/deno.ts";

/** The changelog's path. */
export const CHANGELOG = "CHANGELOG.md";

/** A release to be prepared. */
export interface Release {
  /** The version: `0.2.0`. */
  readonly version: string;
  /** The day of the release: `2026-11-26`. */
  readonly day: string;
  /** True when the files are prepared already. */
  readonly isTagged: boolean;
}

/** Writes the version into `deno.json`, and names the unreleased part of the changelog after it. */
export async function setRelease({ version, day }: Release): Promise<void> {
  await replaceIn("deno.json", /("version": ")[^"]+/, `$1${version}`);
  await replaceIn(CHANGELOG, /^## \[Unreleased\]$/m, `## [Unreleased]\n\n## [${version}] - ${day}`);
}

async function replaceIn(path: string, from: RegExp, to: string): Promise<void> {
  const file = `${ROOT}/${path}`, text = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, text.replace(from, to));
}

/** Returns the entries of a part of the changelog; undefined when it is missing. */
export function entriesOf(changelog: string, title: string): string[] | undefined {
  const parts = changelog.split(/^## \[/m).map((part) => [part.split("]", 1)[0], part] as const);
  const [, part] = parts.find(([name]) => name === title) ?? [];
  return part?.split("\n").filter((line) => line.startsWith("- "));
}
