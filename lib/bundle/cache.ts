/**
 * A cache of built programs, each valid while its source files are unchanged.
 *
 * @module
 */

import { crc32Text } from "../util/crc32.ts";
import { defined } from "../util/defined.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER, writeAtomic } from "../util/fs.ts";
import { shortHash } from "./hash.ts";
import type { BuiltProgram, Bundle } from "./program.ts";
import type { Sources } from "./sources.ts";

// The version of the format of the entries.
const FORMAT = 2;

/** The first line of a file in the cache, which precedes the program's text. */
interface Entry {
  /** The checksum of the other fields and the program's text. */
  readonly sum: number;
  readonly hash: string;
  /** The source files, with sizes in bytes and modification times in milliseconds since 1970. */
  readonly inputs: readonly (readonly [path: string, size: number, modified: number])[];
  readonly sources?: Sources | undefined;
}

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
): Promise<Bundle> {
  const path = `${folder}/${await shortHash(`${FORMAT}\n${key}`)}`;
  const found = await read(path);
  if (found) return found;
  const started = Date.now();
  const { inputs, ...bundle } = await make();
  await write(path, bundle, inputs, started);
  return bundle;
}

async function read(path: string): Promise<Bundle | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    const end = text.indexOf("\n");
    const { sum, ...entry }: Entry = JSON.parse(text.slice(0, end)), code = text.slice(end + 1);
    if (sum !== sumOf(entry, code) || !entry.inputs.every(isUnchanged)) return undefined;
    return defined<Bundle>({ hash: entry.hash, sources: entry.sources, code });
  } catch {
    // The entry is missing or damaged, so the program is built again.
    return undefined;
  }
}

function sumOf(entry: Omit<Entry, "sum">, code: string): number {
  return crc32Text(`${JSON.stringify(entry)}\n${code}`);
}

function isUnchanged([path, size, modified]: Entry["inputs"][number]): boolean {
  const now = Deno.statSync(path);
  return now.size === size && now.mtime?.getTime() === modified;
}

async function write(
  path: string,
  { code, hash, sources }: Bundle,
  files: readonly string[],
  started: number,
): Promise<void> {
  try {
    const inputs = files.map((file) => {
      const { size, mtime } = Deno.statSync(file);
      return [file, size, mtime?.getTime() ?? 0] as const;
    });
    // A file modified during the build may differ from the text that the bundler read.
    if (inputs.some(([, , modified]) => modified >= started)) return;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
      recursive: true,
      mode: PRIVATE_FOLDER,
    });
    const entry = { hash, inputs, sources }, sum = sumOf(entry, code);
    const head = JSON.stringify({ sum, ...entry } satisfies Entry);
    writeAtomic(path, `${head}\n${code}`, { isContended: true, mode: PRIVATE_FILE });
  } catch {
    // The cache only saves time, so a failed write is ignored.
  }
}
