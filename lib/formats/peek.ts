/**
 * Reads the beginning of a stream without consuming it.
 *
 * @module
 */

import { concatBytes } from "../util/bytes/bytes.ts";
import { valueWithin } from "../util/time/value_within.ts";

/** The beginning of a stream, and the whole stream. */
export interface Peeked {
  /** The first bytes. */
  readonly head: Uint8Array;
  /** True when the stream has no more bytes. */
  readonly isWhole: boolean;
  /** All bytes, including the first ones. The memory of a chunk is valid until the next one. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/**
 * Reads chunks until the bytes are enough or the stream ends.
 *
 * @param isEnough returns true when the bytes are enough
 * @param patience how long to wait for more after the first chunk, in milliseconds; a stream whose
 * writer waits for a reply must not be read to its end. @default {no limit}
 */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  isEnough: (head: Uint8Array) => boolean,
  patience?: number,
): Promise<Peeked> {
  const chunks = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let next = chunks.next();
  for (let isFirst = true;; isFirst = false) {
    const result = isFirst || patience === undefined
      ? await next
      : await valueWithin(next, patience);
    if (result === undefined) return { head, isWhole: false, chunks: joined(head, chunks, next) };
    if (result.done) return { head, isWhole: true, chunks: joined(head, chunks, undefined) };
    head = concatBytes([head, result.value.slice()]);
    if (isEnough(head)) return { head, isWhole: false, chunks: joined(head, chunks, undefined) };
    next = chunks.next();
  }
}

/** Ends the chunks of a peeked stream, and closes its source. */
export async function endChunks(chunks: Peeked["chunks"]): Promise<void> {
  // A generator that has not begun does not close its source. Its first chunk is there already.
  await chunks.next();
  await chunks.return(undefined);
}

async function* joined(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  next: Promise<IteratorResult<Uint8Array>> | undefined,
): AsyncGenerator<Uint8Array> {
  let isReading = next !== undefined;
  try {
    if (head.length > 0) yield head;
    for (let result = await (next ?? rest.next()); !result.done; result = await rest.next()) {
      isReading = false;
      yield result.value;
    }
    isReading = false;
  } finally {
    // return() would wait for a pending read, which a slow writer may never complete.
    if (!isReading) await rest.return?.();
  }
}
