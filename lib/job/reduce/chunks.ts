/**
 * Results in chunks for a worker, each with its place among all results.
 *
 * @module
 */

import type { OutputRow } from "../../formats/output.ts";
import { crc32 } from "../../util/bytes/crc32.ts";

// The size of a chunk, in characters.
const SIZE = 64 * 1024;

/** Consecutive results. */
export interface ResultChunk {
  /** The number of results before them. */
  readonly from: number;
  /** The number of results up to their end. */
  readonly to: number;
  /** The checksum of all results up to their end. */
  readonly sum: number;
  /** The results, each the JSON text of its task, the result and the arguments. */
  readonly rows: readonly string[];
  /** The keys of the groups, as far as the worker would round them. */
  readonly keys: readonly (string | undefined)[];
}

/**
 * Yields results in chunks.
 *
 * @param boundary a number of results after which a chunk ends
 * @param keyOf returns the key of a result as JSON text. @default {no keys}
 */
export async function* chunksOf(
  batches: AsyncIterable<readonly OutputRow[]>,
  boundary: number,
  keyOf: (row: OutputRow) => string | undefined = () => undefined,
): AsyncGenerator<ResultChunk> {
  let rows: string[] = [], keys: (string | undefined)[] = [], size = 0, from = 0, sum = 0;
  const end = () => {
    const to = from + rows.length;
    // The checksum does not depend on the sizes of the chunks.
    sum = crc32(new TextEncoder().encode(rows.join("")), sum);
    const chunk = { from, to, sum, rows, keys };
    [rows, keys, size, from] = [[], [], 0, to];
    return chunk;
  };
  for await (const batch of batches) {
    for (const row of batch) {
      const { id, result, args } = row;
      const text = `[${id},${result},${args}]`;
      rows.push(text);
      keys.push(keyOf(row));
      size += text.length;
      if (size >= SIZE || from + rows.length === boundary) yield end();
    }
  }
  if (rows.length > 0) yield end();
}
