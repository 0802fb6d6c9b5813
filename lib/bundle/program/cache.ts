/**
 * A cache of built programs, each valid while its source files are unchanged.
 *
 * An entry of the cache is a file with facts about a program, and a file with its text. The name of
 * the second file is a hash of the text, so its content never changes.
 *
 * @module
 */

import { cacheFolder, storeOf } from "../../job_dir/layout.ts";
import {
  makePrivateFolder,
  PRIVATE_FILE,
  removeIfThere,
  writeAtomic,
} from "../../util/files/fs.ts";
import { basename, dirname, fromFileUrl } from "../../util/paths.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { isRemote } from "../../util/remote.ts";
import { LIB } from "../modules/addresses.ts";
import { shortHash } from "../modules/hash.ts";
import type { BuiltProgram } from "./program.ts";

// The version of the format of the entries.
const FORMAT = 10;
// The folders of the modules that build programs. A new version of the library has new files there,
// and may build another program from the same sources.
const FOLDERS = ["", "build/", "python/", "imports/", "program/", "function/", "modules/"];
const BUILDERS = FOLDERS.map((folder) => new URL(`../${folder}`, import.meta.url).href)
  .filter((url) => url.startsWith("file:")).map(fromFileUrl);

/** An entry, which follows a line with its hash. */
interface Entry extends Omit<BuiltProgram, "code" | "file" | "inputs"> {
  /** The name of the file with the program's text: the hash of the text, and an ending. */
  readonly program: string;
  /** The size of this file in bytes, and its modification time in milliseconds since 1970. */
  readonly written: readonly [size: number, modified: number];
  readonly inputs: readonly Input[];
  /** The folders of the modules that built the program. */
  readonly builders: readonly Input[];
}

/**
 * A source file, with its size in bytes, its times in milliseconds since 1970, and its inode. The size
 * of a file that does not exist is -1.
 *
 * `cp -p` and archives restore the modification time. They cannot set the time of the last change,
 * which Deno returns in whole seconds, and another file at the same path has another inode.
 */
type Input = readonly [
  path: string,
  size: number,
  modified: number,
  changed: number,
  inode: number,
];

/**
 * Returns the folder of the cache beside `lib/`, of programs that have no code of a user; undefined
 * where the library's folder cannot have one.
 */
export function libraryCache(): string | undefined {
  if (isRemote(LIB) || Deno.build.standalone) return undefined;
  return cacheFolder(storeOf(fromFileUrl(new URL("..", LIB).href).replace(/\/$/, "")));
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
 * @param ending the ending of the program's file. @default {".js"}
 * @throws {UsageError} when another user could have written the program.
 */
export async function cached(
  folder: string,
  key: string,
  make: () => Promise<BuiltProgram>,
  ending: ".js" | ".py" = ".js",
): Promise<BuiltProgram> {
  const path = await entryPath(folder, key), entry = await readEntry(path);
  const found = entry && await readProgram(folder, entry);
  if (found) return found;
  const started = Date.now();
  const program = await make();
  const name = `${await shortHash(program.code)}${ending}`, file = `${folder}/${name}`;
  if (!await write(path, file, program, started)) return program;
  // Jobs with the earlier program have their own names for its file.
  if (entry && entry.program !== name) removeIfThere(`${folder}/${entry.program}`);
  return { ...program, file };
}

/**
 * Returns a program from the cache as {@linkcode cached} does. Only builds it without a cache, and from
 * modules of the network, because they have no modification times.
 *
 * @param folder the folder of the cache, if any
 * @param module the URL of the user's module, if any
 * @param keyOf returns everything that the program depends on, except the library and source files
 */
export async function cachedLocal(
  folder: string | undefined,
  module: string | undefined,
  keyOf: () => readonly (string | URL)[],
  make: () => Promise<BuiltProgram>,
  ending?: ".js" | ".py",
): Promise<BuiltProgram> {
  if (!folder || isRemote(LIB) || isRemote(module)) return await make();
  return await cached(folder, [LIB, ...keyOf()].join("\n"), make, ending);
}

/**
 * Returns the path of a program in the cache; undefined when it must be built. The program's text is
 * not read.
 *
 * @param folder the folder of the cache
 * @param key everything that the program depends on, except its source files
 * @throws {UsageError} when another user could have written the program.
 */
export async function findCached(folder: string, key: string): Promise<string | undefined> {
  const entry = await readEntry(await entryPath(folder, key));
  return entry && validFile(folder, entry);
}

async function entryPath(folder: string, key: string): Promise<string> {
  return `${folder}/${await shortHash(`${FORMAT}\n${key}`)}`;
}

async function readEntry(path: string): Promise<Entry | undefined> {
  checkTrusted(path);
  try {
    const [hash, text] = splitLine(Deno.readTextFileSync(path));
    return hash === await shortHash(text) ? JSON.parse(text) : undefined;
  } catch {
    // The entry is missing or damaged, so the program is built again.
    return undefined;
  }
}

function splitLine(text: string): [line: string, rest: string] {
  const end = text.indexOf("\n");
  return [text.slice(0, end), text.slice(end + 1)];
}

async function readProgram(folder: string, entry: Entry): Promise<BuiltProgram | undefined> {
  const file = validFile(folder, entry);
  if (file === undefined) return undefined;
  const { program, written: _written, builders: _builders, inputs, ...rest } = entry;
  try {
    const bytes = Deno.readFileSync(file);
    // Bytes are hashed without decoding them, which would take longer than the hash.
    if (!program.startsWith(`${await shortHash(bytes)}.`)) return undefined;
    const code = new TextDecoder().decode(bytes);
    return { ...rest, inputs: inputs.map(([path]) => path), code, file };
  } catch {
    return undefined;
  }
}

/** Returns the path of a program's file; undefined when it or a part of it has changed. */
function validFile(
  folder: string,
  { program, written, builders, inputs }: Entry,
): string | undefined {
  const file = `${folder}/${program}`;
  checkTrusted(file);
  // Links of jobs change the time of the file's last change.
  const [, size, modified] = inputOf(file);
  const isIntact = size === written[0] && modified === written[1];
  return isIntact && [...builders, ...inputs].every(isUnchanged) ? file : undefined;
}

function isUnchanged(input: Input): boolean {
  return inputOf(input[0]).every((fact, i) => fact === input[i]);
}

function inputOf(path: string): Input {
  try {
    const { size, mtime, ctime, ino } = Deno.statSync(path);
    return [path, size, mtime?.getTime() ?? 0, ctime?.getTime() ?? 0, ino ?? 0];
  } catch {
    return [path, -1, 0, 0, 0];
  }
}

/**
 * Writes a program and its entry.
 *
 * @param path the path of the entry
 * @param file the path of the program
 * @param started the time at which the build started
 * @returns false when they were not written, which costs only time.
 */
async function write(
  path: string,
  file: string,
  { code, inputs: files, ...rest }: BuiltProgram,
  started: number,
): Promise<boolean> {
  try {
    const inputs = files.map(inputOf), builders = BUILDERS.map(inputOf);
    // A file changed during the build may differ from the text that the bundler read.
    if (inputs.some((input) => Math.max(input[2], input[3]) >= started)) return false;
    makePrivateFolder(dirname(path));
    const options = { isContended: true, mode: PRIVATE_FILE } as const;
    // Jobs link to this file, so a power cut must not empty it.
    writeAtomic(file, code, { ...options, sync: "file" });
    const [, size, modified] = inputOf(file), program = basename(file);
    const entry: Entry = { ...rest, program, written: [size, modified], inputs, builders };
    const text = JSON.stringify(entry);
    writeAtomic(path, `${await shortHash(text)}\n${text}`, options);
    return true;
  } catch {
    return false;
  }
}
