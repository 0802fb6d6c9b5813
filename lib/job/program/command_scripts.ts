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
 * @param directory the directory of relative paths. @default {Deno.cwd()}
 * @returns the hashes by the paths as written; `undefined` when there are no such files.
 */
export async function commandScripts(
  target: JobFunction,
  directory: string = Deno.cwd(),
): Promise<JobRecord["scripts"]> {
  if (typeof target === "function" || !("command" in target)) return undefined;
  const { command, shell } = target;
  const words = shell ? command.flatMap((text) => text.split(BETWEEN_WORDS)) : command;
  const paths = words.filter((word, i) => ENDING.test(word) || (i === 0 && word.includes("/")));
  const found: [path: string, hash: string][] = [];
  for (const path of paths) {
    const hash = await hashOf(path.startsWith("/") ? path : `${directory}/${path}`);
    if (hash !== undefined) found.push([path, hash]);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/**
 * Adds the current scripts, which a job that runs again calls. The results of a job whose scripts
 * have changed may come from any of them, so several hashes of a script are those of no new job.
 *
 * @param warn receives a warning about scripts that have changed since the last run
 */
export async function withCurrentScripts(
  record: JobRecord,
  directory: string,
  warn: (text: string) => void,
): Promise<JobRecord> {
  const { function: target, scripts } = record;
  if (scripts === undefined || target === "function") return record;
  const current = Object.entries(await commandScripts(target, directory) ?? {});
  const changed = current.filter(([path, hash]) => scripts[path]?.split(",").at(-1) !== hash);
  if (changed.length === 0) return record;
  const names = changed.map(([path]) => path).join(", ");
  warn(`the tasks run the current script: ${names} changed since the last run of the job`);
  const all = changed.map(([path, hash]) => [path, `${scripts[path] ?? ""},${hash}`]);
  return { ...record, scripts: { ...scripts, ...Object.fromEntries(all) } };
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
