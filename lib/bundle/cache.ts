/**
 * A cache of built programs, each valid while its source files are unchanged.
 *
 * @module
 */

import { PRIVATE_FILE, PRIVATE_FOLDER, writeAtomic } from "../util/fs.ts";
import { dirname } from "../util/paths.ts";
import { checkTrusted } from "../util/trust.ts";
import { shortHash } from "./hash.ts";
import type { BuiltProgram } from "./program.ts";

// The version of the format of the entries.
const FORMAT = 4;

/**
 * The second line of a file in the cache. The first line is the hash of everything after it, and
 * the program's text follows.
 */
interface Entry extends Omit<BuiltProgram, "code" | "inputs"> {
  readonly inputs: readonly Input[];
}

/**
 * A source file, with its size in bytes and its modification time in milliseconds since 1970. The
 * size of a file that does not exist is -1.
 */
type Input = readonly [path: string, size: number, modified: number];

/**
 * Returns a program from the cache, or builds it and adds it to the cache.
 *
 * Starting the bundler takes longer than many jobs, so a second run of unchanged code does not
 * start it.
 *
 * @param folder the folder of the cache
 * @param key everything that the program depends on, except its source files
 * @param make builds the program
 * @throws {UsageError} when another user could have written the program.
 */
export async function cached(
  folder: string,
  key: string,
  make: () => Promise<BuiltProgram>,
): Promise<BuiltProgram> {
  const path = `${folder}/${await shortHash(`${FORMAT}\n${key}`)}`;
  checkTrusted(path);
  const found = await read(path);
  if (found) return found;
  const started = Date.now();
  const program = await make();
  await write(path, program, started);
  return program;
}

async function read(path: string): Promise<BuiltProgram | undefined> {
  try {
    const [hash, text] = splitLine(await Deno.readTextFile(path));
    if (hash !== await shortHash(text)) return undefined;
    const [head, code] = splitLine(text), entry: Entry = JSON.parse(head);
    if (!entry.inputs.every(isUnchanged)) return undefined;
    return { ...entry, inputs: entry.inputs.map(([file]) => file), code };
  } catch {
    // The entry is missing or damaged, so the program is built again.
    return undefined;
  }
}

function splitLine(text: string): [line: string, rest: string] {
  const end = text.indexOf("\n");
  return [text.slice(0, end), text.slice(end + 1)];
}

function isUnchanged([path, size, modified]: Input): boolean {
  const [, nowSize, nowModified] = inputOf(path);
  return nowSize === size && nowModified === modified;
}

function inputOf(path: string): Input {
  try {
    const { size, mtime } = Deno.statSync(path);
    return [path, size, mtime?.getTime() ?? 0];
  } catch {
    return [path, -1, 0];
  }
}

async function write(
  path: string,
  { code, inputs: files, ...rest }: BuiltProgram,
  started: number,
): Promise<void> {
  try {
    const inputs = files.map(inputOf);
    // A file modified during the build may differ from the text that the bundler read.
    if (inputs.some(([, , modified]) => modified >= started)) return;
    await Deno.mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    const text = `${JSON.stringify({ ...rest, inputs } satisfies Entry)}\n${code}`;
    const all = `${await shortHash(text)}\n${text}`;
    writeAtomic(path, all, { isContended: true, mode: PRIVATE_FILE });
  } catch {
    // The cache only saves time, so a failed write is ignored.
  }
}
