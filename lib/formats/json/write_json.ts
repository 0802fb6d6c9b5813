/**
 * Writes results as lines of JSON, or as one array.
 *
 * @module
 */

import type { OutputRow, OutputSource } from "../output.ts";

/** Writes each result as a line. */
export async function* writeLines({ rows }: OutputSource): AsyncGenerator<string> {
  for await (const batch of rows()) yield batch.map((row) => rowJson(row) + "\n").join("");
}

/**
 * Writes one array, with one result per line.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export async function* writeArray({ rows }: OutputSource): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const batch of rows()) {
    if (batch.length === 0) continue;
    yield separator + batch.map(rowJson).join(",\n");
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}

/** Returns the JSON text of a row: the result, or an object that also contains the arguments. */
function rowJson({ id, args, result }: OutputRow): string {
  return args === undefined ? result : `{"id":${id},"args":${args},"result":${result}}`;
}
