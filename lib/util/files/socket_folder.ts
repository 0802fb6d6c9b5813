/**
 * Folders for Unix sockets.
 *
 * @module
 */

import { temporaryFolder } from "./temporary_file.ts";

/** The longest path of a folder, in bytes. The path of a socket has at most 107 bytes on Linux. */
const MAX_PATH = 100;

/** Creates a folder that only this user may enter, with a path short enough for a socket in it. */
export function makeSocketFolder(): string {
  const folder = Deno.makeTempDirSync({ dir: temporaryFolder(), prefix: "dl_jobs_" });
  if (new TextEncoder().encode(folder).length <= MAX_PATH) return folder;
  Deno.removeSync(folder);
  return Deno.makeTempDirSync({ dir: "/tmp", prefix: "dl_jobs_" });
}
