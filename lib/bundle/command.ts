/**
 * The command `dl_jobs` as one program.
 *
 * Deno loads several hundred modules more slowly than one. The first job whose function is built
 * also builds the program, into the folder `.dl_jobs/cache` beside `lib/`. The program is valid
 * while the modules of the library are unchanged.
 *
 * @module
 */

import { cacheFolder, storeOf } from "../job_dir/layout.ts";
import { isRemote } from "../util/remote.ts";
import { fromFileUrl, toFileUrl } from "../util/paths.ts";
import { LIB } from "./addresses.ts";
import { findCached } from "./cache.ts";

/** The key of the program in its cache. */
export const COMMAND_KEY = `${LIB}\ncommand`;

// These commands load modules of the user, which import the library's own modules.
const WITH_USER_CODE = ["run", "test", "resume", "retry", "replay", "repl"];

/** Returns the folder of the cache; undefined where the library's folder cannot have one. */
export function commandCache(): string | undefined {
  if (isRemote(LIB) || Deno.build.standalone) return undefined;
  return cacheFolder(storeOf(fromFileUrl(new URL("..", LIB).href).replace(/\/$/, "")));
}

/**
 * Finds the program.
 *
 * @param args the arguments of the command
 * @returns the program's URL; undefined when the command must be loaded from its modules
 */
export async function findCommand([name = ""]: readonly string[]): Promise<string | undefined> {
  const folder = commandCache();
  if (folder === undefined || WITH_USER_CODE.includes(name)) return undefined;
  try {
    const file = (await findCached(folder, COMMAND_KEY))?.file;
    return file && toFileUrl(file);
  } catch {
    // This process may not read the folder, or other users could have written there.
    return undefined;
  }
}
