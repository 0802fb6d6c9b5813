/**
 * A small file that a user named, or that has a fixed name in the user's folder.
 *
 * @module
 */

import { placeError } from "./disk_fault.ts";
import { statIfThere, writeAtomic } from "./fs.ts";
import { isInPlace, targetOf } from "./new_file.ts";

/** Options of {@linkcode writeNamed}. */
export interface NamedFileOptions {
  /** The permission bits of a new file. @default {0o666 minus the umask} */
  readonly mode?: number | undefined;
  /** The way out in the error message. @default {none} */
  readonly next?: string | undefined;
}

/**
 * Replaces a file once its new content is complete, so that a full disk does not cost the user the
 * old content. A device or a pipe, such as `/dev/stdout`, is written directly.
 *
 * @example
 * ```ts
 * import { writeNamed } from "./named_file.ts";
 *
 * const path = Deno.makeTempFileSync();
 * writeNamed(path, "new\n");
 * if (Deno.readTextFileSync(path) !== "new\n") throw new Error("not written");
 * ```
 *
 * @param path the path of the file, or of a link to it
 * @throws {UsageError} when another path helps.
 * @throws {Error} when the disk is full or gone.
 */
export function writeNamed(path: string, text: string, options: NamedFileOptions = {}): void {
  const { mode, next } = options, replaced = statIfThere(path);
  try {
    if (isInPlace(path, replaced)) {
      Deno.writeTextFileSync(path, text);
    } else {
      const kept = replaced?.mode ?? null;
      writeAtomic(targetOf(path), text, {
        sync: "file",
        isContended: true,
        mode: kept === null ? mode : kept & 0o7777,
      });
    }
  } catch (cause) {
    throw cannotWrite(path, cause as Error, next);
  }
}

/**
 * Returns the error of writing to a place that the user chose. It is a {@linkcode UsageError}, unless
 * the disk is at fault.
 *
 * @param what the file or the folder
 * @param next the way out, which helps unless the disk is at fault
 */
export function cannotWrite(what: string, cause: Error, next?: string): Error {
  return placeError(`Cannot write ${what}: ${reasonOf(cause)}`, cause, next);
}

/** Returns the message of the system, without the operation and the path, which may be temporary. */
function reasonOf({ message }: Error): string {
  return /(?:^|: )([^:]+ \(os error \d+\))/.exec(message)?.[1] ?? message;
}
