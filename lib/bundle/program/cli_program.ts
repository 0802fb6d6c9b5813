/**
 * Finds the command `dl_jobs` as one program, which `build/build_cli.ts` builds.
 *
 * Deno loads several hundred modules more slowly than one. The first job whose function is built
 * also builds the program, into the cache of the library. The program is valid while the modules of the library are unchanged.
 *
 * @module
 */

import { toFileUrl } from "../../util/paths.ts";
import { LIB } from "../modules/addresses.ts";
import { findCached, libraryCache } from "./cache.ts";

/** The programs: one for all commands, and one for the help of a command, which needs few modules. */
export const COMMAND_PARTS = ["all", "help"] as const;
/** The name of a program. */
export type CommandPart = typeof COMMAND_PARTS[number];

/** Returns the key of a program in its cache. */
export function commandKey(part: CommandPart): string {
  return `${LIB}\ncommand\n${part}`;
}

// These commands load modules of the user, which import the library's own modules.
const WITH_USER_CODE = ["run", "test", "resume", "retry", "replay", "repl"];

/**
 * Finds the program.
 *
 * @param part the program that is needed
 * @param args the arguments of the command
 * @returns the program's URL; undefined when the command must be loaded from its modules
 */
export async function findCommand(
  part: CommandPart,
  [name = ""]: readonly string[],
): Promise<string | undefined> {
  const folder = libraryCache();
  if (folder === undefined || (part === "all" && WITH_USER_CODE.includes(name))) return undefined;
  try {
    const file = await findCached(folder, commandKey(part));
    return file && toFileUrl(file);
  } catch {
    // This process may not read the folder, or other users could have written there.
    return undefined;
  }
}
