/**
 * The examples in doc comments.
 *
 * @module
 */

import { ROOT } from "./deno.ts";

/** Selects files that users can import and that have an example in a doc comment. */
export async function filesWithExamples(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of files.filter((path) => /^(mod\.ts|cli\.ts|lib\/|repl\/)/.test(path))) {
    if (/^\s*\* ```/m.test(await Deno.readTextFile(`${ROOT}/${path}`))) found.push(path);
  }
  return found;
}
