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
 * Converts chunks of text to UTF-8 without a byte order mark. Bytes that are not text in the encoding
 * become bytes that are not UTF-8, so that their record fails alone.
 *
 * @param encoding the encoding of the chunks. @default {utf-8}
 */
export function toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding?: string,
): AsyncIterable<Uint8Array> {
  const decoder = foreignDecoder(encoding);
  return decoder ? recoded(chunks, decoder) : withoutBom(chunks);
}

/** Converts the first bytes of a text to UTF-8, as {@linkcode toUtf8} does. */
export function headToUtf8(head: Uint8Array, encoding?: string): Uint8Array {
  const decoder = foreignDecoder(encoding);
  return decoder ? encode(decoder.decode(head, { stream: true })) : head.subarray(bomLength(head));
}

/** Returns the decoder of an encoding; `undefined` for UTF-8. */
function foreignDecoder(encoding: string | undefined): TextDecoder | undefined {
  const decoder = encoding === undefined ? undefined : decoderFor(encoding);
  return decoder?.encoding === "utf-8" ? undefined : decoder;
}

async function* recoded(chunks: AsyncIterable<Uint8Array>, decoder: TextDecoder) {
  for await (const chunk of chunks) yield encode(decoder.decode(chunk, { stream: true }));
  yield encode(decoder.decode());
}

// The character that a decoder returns for bytes that are not text, and its first byte in UTF-8.
const LOST = "\ufffd", LOST_START = 0xef;
// A byte that UTF-8 does not have.
const NO_BYTE = 0xff;

/** Encodes text. Replacement characters become bytes that are not UTF-8. */
function encode(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (!text.includes(LOST)) return bytes;
  for (let at = bytes.indexOf(LOST_START); at >= 0; at = bytes.indexOf(LOST_START, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) bytes.fill(NO_BYTE, at, at + 3);
  }
  return bytes;
}

/** Removes the mark only from the first chunk: a file that is read has chunks of 64 KiB. */
async function* withoutBom(chunks: AsyncIterable<Uint8Array>) {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst ? chunk.subarray(bomLength(chunk)) : chunk;
    isFirst = false;
  }
}
