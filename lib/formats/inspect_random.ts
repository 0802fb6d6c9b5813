/**
 * Opens list files of a format that is read at any place, before the job starts.
 *
 * @module
 */

import { endChunks } from "./peek.ts";
import { RandomFile, spool } from "./random_file.ts";

/** A source of bytes that has been opened. */
export interface OpenedSource {
  readonly name: string;
  /** The path, when it is a file on this machine that is not compressed. */
  readonly path?: string | undefined;
  readonly chunks: AsyncGenerator<Uint8Array>;
  /** Opens the source again, decompressed. @default {it cannot be opened again} */
  readonly reopen?: (() => Promise<AsyncIterable<Uint8Array>>) | undefined;
}

/**
 * Checks a file, and returns the function that opens it. A source without a path is copied to a
 * temporary file.
 *
 * @throws {UsageError} when the file cannot be read.
 */
export async function inspectRandom(
  { name, path, chunks, reopen }: OpenedSource,
): Promise<() => Promise<RandomFile>> {
  if (path !== undefined) {
    await endChunks(chunks);
    (await checked(openPath(path), name))[Symbol.dispose]();
    return opener(path);
  }
  let copy: RandomFile | undefined = await checked(await spool(chunks, name), name);
  return async () => {
    const file = copy ?? await spool(await reopen?.() ?? chunks, name);
    copy = undefined;
    return file;
  };
}

/** Returns a function that does not hold the chunks of the file, as one in the caller would. */
function opener(path: string): () => Promise<RandomFile> {
  return () => Promise.resolve(openPath(path));
}

function openPath(path: string): RandomFile {
  return new RandomFile(Deno.openSync(path));
}

async function checked(file: RandomFile, name: string): Promise<RandomFile> {
  const { readFooter } = await import("./parquet/footer.ts");
  try {
    await readFooter(file, name);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}
