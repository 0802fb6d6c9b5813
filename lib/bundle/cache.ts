/**
 * Programs that were made before, as long as nothing that they were made of has changed.
 *
 * @module
 */

import { writeAtomic } from "../util/fs.ts";

/** A program that calls a function. */
export interface Bundle {
  /** The program, with its source map inside. */
  readonly code: string;
  /** A hash of the program without its source map. */
  readonly hash: string;
}

/** A program, and the files that it was made of. */
export interface Made extends Bundle {
  readonly inputs: readonly string[];
}

/** What is known of a program in the cache. */
interface Entry {
  readonly hash: string;
  /** The files with their sizes and the times when they were last written. */
  readonly inputs: readonly (readonly [path: string, size: number, modified: number])[];
}

/**
 * A program from the cache, or a new one that is put there.
 *
 * The bundler takes longer to start than many jobs run: a second run of the same code need not wait.
 *
 * @param folder where the cache lies
 * @param key what the program is, apart from the files that it is made of
 * @param make makes it
 */
export async function cached(
  folder: string,
  key: string,
  make: () => Promise<Made>,
): Promise<Bundle> {
  const path = `${folder}/${await hashOf(key)}`;
  const found = await read(path);
  if (found) return found;
  const started = Date.now();
  const { inputs, ...bundle } = await make();
  await write(path, bundle, inputs, started);
  return bundle;
}

/** A short hash of a text. */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

async function read(path: string): Promise<Bundle | undefined> {
  try {
    const text = await Deno.readTextFile(path);
    const end = text.indexOf("\n");
    const { hash, inputs }: Entry = JSON.parse(text.slice(0, end));
    return inputs.every(isUnchanged) ? { hash, code: text.slice(end + 1) } : undefined;
  } catch {
    // Whatever is wrong with it, it can be made again.
    return undefined;
  }
}

function isUnchanged([path, size, modified]: Entry["inputs"][number]): boolean {
  const now = Deno.statSync(path);
  return now.size === size && now.mtime?.getTime() === modified;
}

async function write(
  path: string,
  { code, hash }: Bundle,
  files: readonly string[],
  started: number,
): Promise<void> {
  try {
    const inputs = files.map((file) => {
      const { size, mtime } = Deno.statSync(file);
      return [file, size, mtime?.getTime() ?? 0] as const;
    });
    // What was saved meanwhile may not be what was read.
    if (inputs.some(([, , modified]) => modified >= started)) return;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const entry = `${JSON.stringify({ hash, inputs } satisfies Entry)}\n${code}`;
    writeAtomic(path, entry, { isContended: true });
  } catch {
    // A cache that cannot be written costs time, and nothing else.
  }
}
