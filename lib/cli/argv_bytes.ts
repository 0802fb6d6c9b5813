/**
 * The bytes of the command line, from which Deno makes texts.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { shellWord } from "../util/shell.ts";

/**
 * Checks that the words of the command line are what its user wrote. Deno replaces bytes that are
 * not UTF-8, such as those of old file names, so a program would receive the name of another file.
 *
 * @throws {UsageError} when a word is not UTF-8.
 */
export async function checkArgv(): Promise<void> {
  const word = await replacedWord();
  if (word === undefined) return;
  throw new UsageError(
    `Cannot use the word ${shellWord(word)} of the command line: its bytes are not UTF-8, and a ` +
      "task would receive others; rename the file, or write the text in UTF-8",
  );
}

/** Returns the first word with replaced bytes; undefined when the system does not tell. */
async function replacedWord(): Promise<string | undefined> {
  const bytes = await Deno.readFile("/proc/self/cmdline").catch(() => new Uint8Array());
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let start = 0, end; (end = bytes.indexOf(0, start)) >= 0; start = end + 1) {
    const word = bytes.subarray(start, end);
    try {
      strict.decode(word);
    } catch {
      return new TextDecoder().decode(word);
    }
  }
  return undefined;
}
