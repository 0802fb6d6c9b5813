/**
 * The text of files that a user wrote.
 *
 * @module
 */

import { textOf } from "../builtins.ts";
import { concatBytes, NEWLINE_BYTES, splitLines } from "../bytes/bytes.ts";
import { UsageError } from "../errors.ts";

/**
 * Decodes a file, without its byte order mark. Another encoding would change its text without a
 * sign.
 *
 * @example
 * ```ts
 * import { fileText } from "./file_text.ts";
 *
 * const text = fileText(new TextEncoder().encode("\ufeffworkers: 2\n"), "Cannot read a.yaml");
 * if (text !== "workers: 2\n") throw new Error(text);
 * ```
 *
 * @param failure the beginning of the error, up to the path of the file
 * @throws {UsageError} when the file is not UTF-8. The error names the first such line.
 */
export function fileText(bytes: Uint8Array, failure: string): string {
  const text = textOf(bytes);
  if (text !== undefined) return text.replace(/^\uFEFF/, "");
  const lines = splitLines(concatBytes([bytes, NEWLINE_BYTES]));
  const line = lines.findIndex((one) => textOf(one) === undefined) + 1;
  throw new UsageError(
    `${failure}:${line}: the line is not UTF-8, convert the file to UTF-8`,
  );
}
