/**
 * Sources of lines for the tests of this folder.
 *
 * @module
 */

import type { Source } from "../../../lib/ndjson/blocks.ts";
import type { ReadOptions } from "../../../lib/ndjson/line_parser.ts";
import { read } from "../../../lib/ndjson/read.ts";
import { assertRejects } from "../../support/assert.ts";

/** Encodes the text of a test. */
export const encoder = new TextEncoder();

/** A stream of some chunks. It counts the chunks that were read. */
export class Chunks {
  pulled = 0;
  isCanceled = false;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(chunks: readonly (string | Uint8Array<ArrayBuffer>)[]) {
    this.stream = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks[this.pulled];
        if (chunk === undefined) return controller.close();
        this.pulled++;
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      },
      cancel: () => void (this.isCanceled = true),
    }, { highWaterMark: 0 });
  }
}

/** Creates a stream of some chunks. */
export function streamOf(
  ...chunks: (string | Uint8Array<ArrayBuffer>)[]
): ReadableStream<Uint8Array> {
  return new Chunks(chunks).stream;
}

/** Reads all values of a source. */
export function readAll(source: Source, options?: ReadOptions): Promise<unknown[]> {
  return Array.fromAsync(read(source, options));
}

/** Reads until an error, and returns the values before it and its message. */
export async function readUntilError(
  source: Source,
): Promise<[values: unknown[], message: string]> {
  const values: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const value of read(source)) values.push(value);
  }, SyntaxError);
  return [values, error.message];
}
