/**
 * Newline-delimited JSON, streamed: one value per line, from and to files, URLs, pipes and iterables.
 *
 * @example Read, change and write values, one in memory at a time
 * ```ts
 * import { ndjson } from "dl_jobs";
 *
 * const path = Deno.makeTempFileSync();
 * const squares = ndjson.apply([1, 2, 3], (x: number) => ({ x, square: x * x }));
 * const count = await ndjson.write(squares, path);
 * const [first] = await Array.fromAsync(ndjson.read<{ x: number; square: number }>(path));
 * if (count !== 3 || first?.square !== 1) throw new Error("not written");
 * ```
 *
 * @see https://github.com/ndjson/ndjson-spec for the format.
 * @see https://www.rfc-editor.org/rfc/rfc8259 for JSON.
 *
 * @module
 */

export type { Source } from "./blocks.ts";
export type { ReadOptions } from "./line_parser.ts";
export { apply, read, readBatches } from "./read.ts";
export { stringify } from "../values/stringify.ts";
export { write, type WriteOptions } from "./write.ts";
