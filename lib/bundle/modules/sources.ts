/**
 * The source files of a program, with hashes that show later whether a file has changed.
 *
 * @module
 */

import { shortHash } from "./hash.ts";

/** The hash of each local source file, by its path. */
export type Sources = Readonly<Record<string, string>>;

/** Hashes the source files of a program. */
export async function hashSources(paths: readonly string[]): Promise<Sources> {
  const entries = paths.map(async (path) => [path, await hashOf(path) ?? ""] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Returns the paths of the files that have changed or are missing. */
export async function changedSources(sources: Sources): Promise<string[]> {
  const now = await hashSources(Object.keys(sources));
  return Object.keys(sources).filter((path) => now[path] !== sources[path]);
}

async function hashOf(path: string): Promise<string | undefined> {
  try {
    return await shortHash(await Deno.readTextFile(path));
  } catch {
    return undefined;
  }
}
