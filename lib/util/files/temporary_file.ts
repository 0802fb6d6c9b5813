/**
 * Files in the folder for temporary files.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { absolutePath } from "../paths.ts";

/**
 * Creates an empty temporary file.
 *
 * @param suffix the end of its name
 * @returns its path.
 * @throws {UsageError} when the folder for temporary files cannot be used.
 *
 * @example
 * ```ts
 * import { newTemporaryFile } from "./temporary_file.ts";
 *
 * const path = await newTemporaryFile(".js");
 * if (!path.endsWith(".js")) throw new Error(path);
 * await Deno.remove(path);
 * ```
 */
export async function newTemporaryFile(suffix = ""): Promise<string> {
  try {
    return await Deno.makeTempFile({ prefix: "dl_jobs_", suffix });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const folder = temporaryFolder(), reason = withoutCall((cause as Error).message);
    throw new UsageError(
      `Cannot create a temporary file in ${folder}: ${reason}, set TMPDIR to a folder with room`,
      { cause },
    );
  }
}

/**
 * Returns the folder for temporary files as an absolute path, because workers and sockets have other
 * working directories. The folder may not exist.
 */
export function temporaryFolder(): string {
  return absolutePath(Deno.env.get("TMPDIR") || "/tmp");
}

/** Returns the message of an error of this folder without the name of the call that failed. */
export function withoutCall(message: string): string {
  return message.replace(/: tmp(?:file|dir)$/, "");
}
