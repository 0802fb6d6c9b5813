/**
 * Newline-delimited JSON, streamed: one value a line, from and to files, URLs, pipes and iterables.
 *
 * @module
 */

export { badLine } from "./bad_line.ts";
export { type BlockOptions, nameOf, readBlocks, type Source } from "./blocks.ts";
export { apply, read, readBatches, type ReadOptions } from "./read.ts";
export { stringify } from "./stringify.ts";
export { write, type WriteOptions } from "./write.ts";
