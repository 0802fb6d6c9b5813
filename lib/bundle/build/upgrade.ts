/**
 * Programs that an earlier version of dl_jobs built, with the worker of this version.
 *
 * @module
 */

import { exists, PRIVATE_FILE, writeAtomic } from "../../util/files/fs.ts";
import { PROTOCOL_LINE } from "../program/program.ts";

// A program exports `load`, which imports the user's function. The names that the bundler adds in
// front of a program are used here, so that it renames those of the earlier program, which contains
// them as well.
const ENTRY = `
  import { serve } from "dl-jobs:worker/main";
  import { load } from "dl-jobs:user";
  load.usesNode ??= __dl_jobs_uses_node;
  export { load };
  export const work = (options) => serve(load, options);
  if (__dl_jobs_main) serve(load);`;

/**
 * Returns the path of a program whose worker speaks the protocol of this version
 * (`lib/worker/protocol.ts`). A program of an earlier version is built again around the code of its
 * user, and written beside the program, because parts of the job that run elsewhere may still start
 * the earlier one.
 *
 * @param path the path of a job's program, such as `bundle.js`
 */
export async function currentProgram(path: string): Promise<string> {
  // The worker of a Python program has had one protocol so far.
  if (!exists(path) || path.endsWith(".py") || isCurrent(path)) return path;
  const upgraded = path.replace(/(\.js)?$/, ".upgraded.js");
  if (exists(upgraded) && isCurrent(upgraded)) return upgraded;
  const user = await Deno.readTextFile(path);
  const { buildProgram } = await import("./build_program.ts");
  const { code } = await buildProgram({ entry: ENTRY, user, isWorker: true });
  writeAtomic(upgraded, code, { sync: true, mode: PRIVATE_FILE });
  return upgraded;
}

function isCurrent(path: string): boolean {
  using file = Deno.openSync(path);
  const line = new Uint8Array(PROTOCOL_LINE.length);
  file.readSync(line);
  return new TextDecoder().decode(line) === PROTOCOL_LINE;
}
