/**
 * A cache of built programs, each valid while its source files are unchanged.
 *
 * @module
 */

import { crc32Text } from "../util/crc32.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER, writeAtomic } from "../util/fs.ts";
import { shortHash } from "./hash.ts";
import type { BuiltProgram } from "./program.ts";

// The version of the format of the entries.
const FORMAT = 3;

/** The first line of a file in the cache, which precedes the program's text. */
interface Entry extends Omit<BuiltProgram, "code" | "inputs"> {
  /** The checksum of the other fields and the program's text. */
  readonly sum: number;
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
 */
export async function cached(
  folder: string,
  key: string,
  make: () => Promise<BuiltProgram>,
): Promise<BuiltProgram> {
  const path = `${folder}/${await shortHash(`${FORMAT}\n${key}`)}`;
  const found = await read(path);
  if (found) return found;
  const started = Date.now();
  const program = await make();
  await write(path, program, started);
  return program;
}

async function read(path: string): Promise<BuiltProgram | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    const end = text.indexOf("\n");
    const { sum, ...entry }: Entry = JSON.parse(text.slice(0, end)), code = text.slice(end + 1);
    if (sum !== sumOf(entry, code) || !entry.inputs.every(isUnchanged)) return undefined;
    return { ...entry, inputs: entry.inputs.map(([file]) => file), code };
  } catch {
    // The entry is missing or damaged, so the program is built again.
    return undefined;
  }
}

function sumOf(entry: Omit<Entry, "sum">, code: string): number {
  return crc32Text(`${JSON.stringify(entry)}\n${code}`);
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
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
      recursive: true,
      mode: PRIVATE_FOLDER,
    });
    const entry = { ...rest, inputs }, sum = sumOf(entry, code);
    const head = JSON.stringify({ sum, ...entry } satisfies Entry);
    writeAtomic(path, `${head}\n${code}`, { isContended: true, mode: PRIVATE_FILE });
  } catch {
    // The cache only saves time, so a failed write is ignored.
  }
}
