/**
 * Lists whose elements are the records of files.
 *
 * @module
 */

import { diskFile, isGlob } from "../formats/disk_file.ts";
import type { InputOptions } from "../formats/format.ts";
import type { InspectedFile } from "../formats/inspect.ts";
import { type ByteSource, nameOf } from "../ndjson/blocks.ts";
import { escapeControls } from "../terminal/escape.ts";
import { UsageError } from "../util/errors.ts";
import { statIfThere } from "../util/files/fs.ts";
import { isDict } from "../util/is_dict.ts";
import { isRemote } from "../util/remote.ts";
import { INSPECT } from "../util/text/custom_inspect.ts";
import { shortInspect } from "../util/text/short_inspect.ts";

/** Files whose records are the elements of a list, one file after the other. */
export class ListFiles {
  /**
   * Names the files of a list.
   *
   * @param sources paths, URLs, `"-"` for stdin, or streams of bytes
   * @param options the options for reading all of them
   * @param isTemporary true for files that no user knows, so that no failure names a line of them
   * @param names the names that the user gave the files. @default {the sources}
   * @throws {UsageError} when a source that can be read only once is named twice.
   */
  constructor(
    readonly sources: readonly (string | URL | ReadableStream<Uint8Array>)[],
    readonly options: InputOptions = {},
    readonly isTemporary: boolean = false,
    readonly names: readonly (string | undefined)[] = [],
  ) {
    checkOnce(sources);
  }

  /** @ignore */
  [INSPECT](): string {
    const options = Object.keys(this.options).length > 0 ? ` ${shortInspect(this.options)}` : "";
    return escapeControls(`List of ${this.sources.map(nameOf).join(", ")}${options}`);
  }
}

function checkOnce(sources: readonly ByteSource[]): void {
  const known = new Set<ByteSource>();
  for (const source of sources) {
    const origin = sources.length > 1 ? originOf(source) : source;
    if (known.has(origin) && !isReadAgain(source)) {
      throw new UsageError(
        `Cannot read ${nameOf(source)} twice: its bytes can be read only once, name it once`,
      );
    }
    known.add(origin);
  }
}

/** Returns the same text for all names of an open pipe, such as `-` and `/dev/stdin`. */
function originOf(source: ByteSource): ByteSource {
  const path = source === "-" ? "/dev/stdin" : String(source);
  const file = /^\/(?:dev|proc)\//.test(path) ? statIfThere(path) : undefined;
  return file && !file.isFile ? `${file.dev}:${file.ino}` : source;
}

function isReadAgain(source: ByteSource): boolean {
  return isGlob(source) || isRemote(String(source)) || diskFile(source) !== undefined;
}

const inspected = new WeakMap<ListFiles, Map<ByteSource | number, Promise<InspectedFile>>>();

/**
 * Returns a file of a list with its format. A stream is opened only at the first call.
 *
 * @param at the position of the file in the list
 */
export async function inspectFile(list: ListFiles, at: number): Promise<InspectedFile> {
  const source = list.sources[at]!, key = keyOf(list, at);
  const known = inspected.get(list) ?? new Map<ByteSource | number, Promise<InspectedFile>>();
  inspected.set(list, known);
  const found = known.get(key) ?? openFile(source, list, list.names[at]);
  known.set(key, found);
  return await found;
}

/**
 * Returns a file of a list as {@linkcode inspectFile}, for a new job: an earlier job may have had the
 * same list, and a file that can be read again may have appeared or changed since then.
 *
 * @throws {UsageError} when there is no such file.
 */
export async function inspectNow(list: ListFiles, at: number): Promise<InspectedFile> {
  if (isReadAgain(list.sources[at]!)) inspected.get(list)?.delete(keyOf(list, at));
  return await inspectFile(list, at);
}

function keyOf({ sources, names }: ListFiles, at: number): ByteSource | number {
  const source = sources[at]!;
  // The answer to one request can be read only once, and a file may have two names.
  return isRemote(String(source)) || names[at] !== undefined ? at : source;
}

async function openFile(
  source: ByteSource,
  { options, isTemporary }: ListFiles,
  name: string | undefined,
): Promise<InspectedFile> {
  const { inspect } = await import("../formats/inspect.ts");
  const file = await inspect(source, options, name);
  return isTemporary ? { ...file, hasLines: false } : file;
}

/**
 * Returns the list whose elements are the records of files.
 *
 * A file's format is determined by the ending of its name, else by its first bytes. Files that are
 * compressed with gzip or zstd are decompressed.
 *
 * @example
 * ```ts
 * import { files, Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * Deno.writeTextFileSync("names.txt", "b a.tif\nc.tif\n");
 * const job = new Job({ fn: (name: string) => name.length, argsList: files(["names.txt"]), noisy: false });
 * const lengths = await Array.fromAsync(job.run());
 * Deno.chdir(cwd);
 * if (lengths.sort().join() !== "5,7") throw new Error(lengths.join());
 * ```
 *
 * @param sources one or several paths, URLs, `"-"` for stdin, or streams of bytes
 * @param options the options for reading all of them
 * @throws {UsageError} when a source that can be read only once is named twice, or an option does not
 * exist.
 */
export function files(
  sources:
    | string
    | URL
    | ReadableStream<Uint8Array>
    | readonly (string | URL | ReadableStream<Uint8Array>)[],
  options: InputOptions = {},
): ListFiles {
  checkInputOptions(options);
  return new ListFiles([sources].flat(), options);
}

const INPUT_NAMES: { readonly [Name in keyof Required<InputOptions>]: true } = {
  format: true,
  encoding: true,
  isNulSeparated: true,
  delimiter: true,
  hasHeader: true,
  isTyped: true,
  hasQuotes: true,
};

/** Refuses a second file and unknown options, which code that is not type-checked may pass. */
function checkInputOptions(options: unknown): void {
  if (!isDict(options)) {
    const text = shortInspect(options);
    throw new UsageError(`Cannot use ${text} as the options of files(): write files([a, b])`);
  }
  const names = Object.keys(INPUT_NAMES),
    name = Object.keys(options).find((one) => !names.includes(one));
  if (name === undefined) return;
  throw new UsageError(
    `Cannot use option "${name}" of files(): the options are ${names.join(", ")}`,
  );
}

/**
 * Returns the list of the paths that match patterns, as strings, in the order of their bytes. Patterns
 * are those of bash: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of folders.
 *
 * @example
 * ```ts
 * import { glob, Job } from "dl_jobs";
 *
 * const cwd = Deno.cwd();
 * Deno.chdir(Deno.makeTempDirSync());
 * Deno.mkdirSync("data/2024", { recursive: true });
 * Deno.writeTextFileSync("data/2024/a.tif", "");
 * const argsList = glob("data/**\/*.tif");
 * const job = new Job({ fn: (path: string) => path.length, argsList, noisy: false });
 * const lengths = await Array.fromAsync(job.run());
 * Deno.chdir(cwd);
 * if (lengths.join() !== "15") throw new Error(lengths.join());
 * ```
 *
 * @param patterns the patterns. Relative paths start at the current folder.
 * @throws {UsageError} when there is no pattern, or one is not a text.
 */
export function glob(...patterns: readonly string[]): ListFiles {
  const fault = patterns.length === 0
    ? "without a pattern"
    : patterns.map((one) => typeof one === "string" ? "" : `with ${shortInspect(one)}`).find(
      Boolean,
    );
  if (fault) {
    throw new UsageError(
      `Cannot call glob() ${fault}: pass texts, as in glob("a/*.tif", "b/*.tif")`,
    );
  }
  return new ListFiles(patterns.map((pattern) => `glob:${pattern}`));
}
