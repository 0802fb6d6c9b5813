/**
 * Distinguishes files on a disk, which can be read twice, from other sources of bytes.
 *
 * @module
 */

import { type ByteSource, cannotRead, openSource, toPath } from "../ndjson/blocks.ts";
import { crc32 } from "../util/bytes/crc32.ts";
import { UsageError } from "../util/errors.ts";
import { statIfThere } from "../util/files/fs.ts";
import { fromFileUrl } from "../util/paths.ts";
import { isRemote } from "../util/remote.ts";
import { shellWord } from "../util/shell.ts";

/**
 * Returns the path of a source that is a file on a disk, or `undefined` for stdin, a pipe, a stream,
 * a URL, or an open file that was removed.
 *
 * @throws {UsageError} when the file does not exist or is a folder.
 */
export function diskFile(source: ByteSource): string | undefined {
  if (source instanceof ReadableStream || source === "-" || isGlob(source)) return undefined;
  if (isRemote(String(source))) return undefined;
  const path = toPath(source);
  if (path instanceof URL && path.protocol !== "file:") throw unknownScheme(path);
  const file = statIfThere(path);
  if (!file && /^(?!file:)[a-z][a-z\d+.-]*:\/\//i.test(String(source))) throw unknownScheme(source);
  if (!file) throw missingFile(source, path);
  if (file.isDirectory) {
    throw new UsageError(
      `Cannot read ${source}: it is a folder, not a file, write ` +
        `${shellWord(`glob:${source}/*`)} for the paths in it`,
    );
  }
  // An open file that was removed, such as a here-document of bash, has no path to open it again.
  if (!file.isFile || file.nlink === 0) return undefined;
  return path instanceof URL ? fromFileUrl(path.href) : path;
}

function unknownScheme(source: string | URL): UsageError {
  const [scheme] = String(source).split(":", 1);
  return new UsageError(
    `Cannot read ${source}: ${scheme} is not supported, download it, or pipe it to ` +
      "dl_jobs map TASK -",
  );
}

/** Returns the error about a path without a file, whose reason may be a folder on the way to it. */
export function missingFile(source: string | URL, path = toPath(source)): UsageError {
  if (path === "") {
    return new UsageError('Cannot read "": the name is empty, is a variable of the shell not set?');
  }
  try {
    Deno.statSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) return cannotRead(source, cause as Error);
  }
  return new UsageError(
    `Cannot read ${source}: no such file (relative paths start at ${Deno.cwd()})`,
  );
}

/**
 * Opens a file on a disk. Reading it fails when the file is written anew meanwhile: an end that comes
 * too early would look like the end of the list, and lines of both files would be mixed. A file that
 * only grows is read to its new end, and one that only gets another time is the same.
 */
export async function openWhole(path: string, name: string): Promise<AsyncIterable<Uint8Array>> {
  const before = statIfThere(path);
  return untilEnd(await openSource(path), async (size, sum) => {
    const after = statIfThere(path);
    if (!before || !after || after.ino !== before.ino || isUnchanged(before, after)) return;
    const hasLess = Math.min(size, after.size) < before.size;
    if (hasLess || await sumOf(path, size) !== sum) throw changedError(name, before, after);
  });
}

/**
 * Checks that a file was not written while it was read.
 *
 * @throws {Error} when it has changed.
 */
export function checkUnchanged(name: string, before: Deno.FileInfo, after: Deno.FileInfo): void {
  if (!isUnchanged(before, after)) throw changedError(name, before, after);
}

function isUnchanged(before: Deno.FileInfo, { size, mtime }: Deno.FileInfo): boolean {
  return size === before.size && mtime?.getTime() === before.mtime?.getTime();
}

function changedError(name: string, before: Deno.FileInfo, { size }: Deno.FileInfo): Error {
  const what = size < before.size ? "became shorter" : "was changed";
  return new Error(
    `Cannot read ${name}: it ${what} while it was read, start a new job with --reuse`,
  );
}

/** Yields chunks, then calls a check with their size and checksum. */
async function* untilEnd(
  chunks: AsyncIterable<Uint8Array>,
  check: (size: number, sum: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let size = 0, sum = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  await check(size, sum);
}

/** Returns the checksum of the first bytes of a file. */
async function sumOf(path: string, size: number): Promise<number> {
  let sum = 0, left = size;
  for await (const chunk of await openSource(path)) {
    sum = crc32(chunk.subarray(0, left), sum);
    left -= chunk.length;
    if (left <= 0) break;
  }
  return sum;
}

/** Returns true for the name of a list of paths: `glob:` and a pattern. */
export function isGlob(source: ByteSource): source is string {
  return typeof source === "string" && source.startsWith("glob:");
}
