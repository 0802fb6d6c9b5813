/**
 * Converts text of any encoding to UTF-8.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";

/** Returns the length of a UTF-8 byte order mark at the start of bytes. */
export function bomLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/**
 * Creates a decoder.
 *
 * @throws {UsageError} when the encoding is unknown.
 */
export function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw new UsageError(
      `Cannot use --encoding ${encoding}: it is unknown, write utf-8, latin1, utf-16le, utf-16be, ` +
        "shift_jis or another name of the Encoding Standard",
      { cause },
    );
  }
}

/**
 * Converts chunks of text to UTF-8 without a byte order mark.
 *
 * @param encoding the encoding of the chunks. @default {utf-8}
 */
export function toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding?: string,
): AsyncIterable<Uint8Array> {
  return encoding === undefined ? withoutBom(chunks) : recoded(chunks, decoderFor(encoding));
}

async function* recoded(chunks: AsyncIterable<Uint8Array>, decoder: TextDecoder) {
  const encoder = new TextEncoder();
  for await (const chunk of chunks) {
    yield encoder.encode(decoder.decode(chunk, { stream: true }));
  }
  yield encoder.encode(decoder.decode());
}

/** Removes the mark only from the first chunk: a file that is read has chunks of 64 KiB. */
async function* withoutBom(chunks: AsyncIterable<Uint8Array>) {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst ? chunk.subarray(bomLength(chunk)) : chunk;
    isFirst = false;
  }
}
