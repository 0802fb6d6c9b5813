/**
 * The folder `.dl_jobs`, which only its owner can read.
 *
 * @module
 */

import { exists, makePrivateFolder, PRIVATE_FILE, PRIVATE_FOLDER } from "../util/files/fs.ts";

/**
 * Creates the folder that contains the jobs, with a `.gitignore` that keeps it out of repositories.
 * The folder of an older version becomes private once; a later change of its mode is the user's.
 *
 * @param store the path of the folder
 */
export function openStore(store: string): void {
  const ignore = `${store}/.gitignore`;
  if (exists(ignore)) return;
  try {
    makePrivateFolder(store);
    if (Deno.build.os !== "windows") Deno.chmodSync(store, PRIVATE_FOLDER);
    Deno.writeTextFileSync(ignore, "*\n", { mode: PRIVATE_FILE });
  } catch {
    // The creation of the job's folder reports a folder that cannot be written.
  }
}
