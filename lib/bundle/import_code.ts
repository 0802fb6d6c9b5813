/**
 * The import of a program from its text.
 *
 * @module
 */

import { toFileUrl } from "../util/paths.ts";
import { newTemporaryFile } from "../util/files/temporary_file.ts";
import { ImportError, importPlace } from "./import_place.ts";

/**
 * Imports a program from its text, and returns its exports.
 *
 * @throws {ImportError} when one of its imports in the user's code cannot be loaded.
 */
export async function importCode(code: string): Promise<Record<string, unknown>> {
  const file = await newTemporaryFile(".js");
  try {
    await Deno.writeTextFile(file, code);
    return await import(toFileUrl(file));
  } catch (cause) {
    const found = cause instanceof TypeError ? await importPlace(cause.message) : undefined;
    throw found ? new ImportError(found.place, found.message, cause) : cause;
  } finally {
    await Deno.remove(file);
  }
}
