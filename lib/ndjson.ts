/**
 * Newline-delimited JSON, streamed: one value a line, from and to files, URLs, pipes and iterables.
 *
 * @module
 */

export { badLine } from "./ndjson/bad_line.ts";
export { type BlockOptions, nameOf, readBlocks, type Source } from "./ndjson/blocks.ts";
export { apply, read, readBatches, type ReadOptions } from "./ndjson/read.ts";
export { stringify } from "./ndjson/stringify.ts";
export { write, type WriteOptions } from "./ndjson/write.ts";
