/**
 * The scripts that a command runs, which are the code of its job as much as the command is.
 *
 * @module
 */

import { shortHash } from "../../bundle/modules/hash.ts";
import type { JobFunction } from "../../bundle/program/program.ts";
import type { JobRecord } from "../../job_dir/record.ts";

/**
 * Hashes the program of a command, when the command names it by its path, and the files that it
 * names with the ending of a script: `./tile.sh {}`, `python3 tile.py {}`.
 *
 * @returns the hashes by the paths as written; `undefined` when there are no such files.
 */
export async function commandScripts(target: JobFunction): Promise<JobRecord["scripts"]> {
  if (typeof target === "function" || !("command" in target)) return undefined;
  const { command, shell } = target;
  const words = shell ? command.flatMap((text) => text.split(BETWEEN_WORDS)) : command;
  const paths = words.filter((word, i) => ENDING.test(word) || (i === 0 && word.includes("/")));
  const entries = await Promise.all(paths.map(async (path) => [path, await hashOf(path)] as const));
  const found = entries.filter(([, hash]) => hash !== undefined) as [string, string][];
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

const BETWEEN_WORDS = /[\s"'`;|&<>()=]+/;
const ENDING = /\.(?:awk|bash|c?js|jl|jq|lua|mjs|mk|php|pl|ps1|py|rb|R|r|sed|sh|ts|zsh)$/;
// Reading a larger program would take longer than the start of a job.
const MAX_SIZE = 16 * 2 ** 20;

/** Returns the hash of a file, or its size and time; `undefined` when it is not a readable file. */
async function hashOf(path: string): Promise<string | undefined> {
  try {
    const { isFile, size, mtime } = await Deno.stat(path);
    if (!isFile) return undefined;
    return size > MAX_SIZE
      ? `${size} ${mtime?.getTime()}`
      : await shortHash(await Deno.readFile(path));
  } catch {
    return undefined;
  }
}
