/**
 * The cache of programs that have no code of a user, in the folder `.dl_jobs/cache` beside `lib/`.
 * All projects share it.
 *
 * @module
 */

import { openStore } from "../../job_dir/store.ts";
import { makePrivateFolder } from "../../util/files/fs.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { dirname } from "../../util/paths.ts";
import { cachedLocal, libraryCache } from "./cache.ts";
import type { BuiltProgram } from "./program.ts";

/** Creates the folder of the cache, and returns it; undefined where this process may not write. */
export function openLibraryCache(): string | undefined {
  const folder = libraryCache();
  if (folder === undefined || !mayWrite(dirname(folder))) return undefined;
  try {
    openStore(dirname(folder));
    makePrivateFolder(folder);
    checkTrusted(folder);
    return folder;
  } catch {
    // Other caches take its place.
    return undefined;
  }
}

/** Returns true when this process may write a folder without asking the user. */
function mayWrite(path: string): boolean {
  return Deno.permissions.querySync({ name: "write", path }).state === "granted";
}

/**
 * Returns a program from the cache, or builds it and adds it to the cache.
 *
 * @param project the folder of the project's cache, which is used where this cache cannot be written
 * @param keyOf returns everything that the program depends on, except the library
 * @param make builds the program
 */
export async function cachedForAll(
  project: string | undefined,
  keyOf: () => readonly string[],
  make: () => Promise<BuiltProgram>,
): Promise<BuiltProgram> {
  // Without a cache of the project, the caller wants none.
  const folder = project === undefined ? undefined : openLibraryCache();
  const inProject = () => cachedLocal(project, undefined, keyOf, make);
  return await cachedLocal(folder, undefined, keyOf, inProject);
}
