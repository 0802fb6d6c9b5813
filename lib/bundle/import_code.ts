/**
 * The import of a program from its text.
 *
 * @module
 */

import { toFileUrl } from "../util/paths.ts";
import { newTemporaryFile } from "../util/temporary_file.ts";

/** Imports a program from its text, and returns its exports. */
export async function importCode(code: string): Promise<Record<string, unknown>> {
  const file = await newTemporaryFile(".js");
  try {
    await Deno.writeTextFile(file, code);
    return await import(toFileUrl(file));
  } finally {
    await Deno.remove(file);
  }
}
