/**
 * Converts text of any encoding to UTF-8.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { peek } from "./peek.ts";

/** The byte order marks, each with its encoding. */
const MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];
const UTF8_MARK_SIZE = 3;

/** Returns the encoding that a mark at the start of bytes states, or `undefined`. */
function markedEncoding(head: Uint8Array): string | undefined {
  return MARKS.find(([, mark]) => mark.every((byte, i) => head[i] === byte))?.[0];
}

/** Returns true for bytes with the byte order mark of UTF-8 at a place. */
export function hasMark(bytes: Uint8Array, at = 0): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

/** Returns true when bytes are enough to know all marks at their start. */
function isPastMark(head: Uint8Array): boolean {
  const rest = unmarked(head);
  const isOpen = (mark: readonly number[]) =>
    rest.length < mark.length && rest.every((byte, i) => byte === mark[i]);
  return !MARKS.some(([, mark]) => isOpen(mark));
}

/**
 * Creates a decoder. A byte order mark wins over the encoding, because only it tells the order of the
 * bytes that is meant by `utf-16`.
 *
 * @param head the first bytes of the text
 * @throws {UsageError} when the encoding is unknown.
 * @see {@link https://encoding.spec.whatwg.org/#decode}
 */
function decoderFor(encoding: string, head: Uint8Array): TextDecoder {
  try {
    const decoder = new TextDecoder(encoding), marked = markedEncoding(head);
    return marked === undefined ? decoder : new TextDecoder(marked);
  } catch (cause) {
    throw new UsageError(
      `Cannot use --encoding ${encoding}: it is unknown, write utf-8, latin1, utf-16le, utf-16be, ` +
        "shift_jis or another name of the Encoding Standard",
      { cause },
    );
  }
}

/** Decodes the first bytes of a text, whose last character may be incomplete. */
export function headText(head: Uint8Array, encoding?: string): string {
  const decoder = foreignDecoder(head, encoding) ?? new TextDecoder();
  return withoutMarks(decoder.decode(head));
}

/**
 * Converts chunks of text to UTF-8 without a byte order mark. Bytes that are not text in the encoding
 * become bytes that are not UTF-8, so that their record fails alone.
 *
 * @param encoding the encoding of the chunks. @default {utf-8}
 */
export async function* toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding?: string,
): AsyncGenerator<Uint8Array> {
  const { head, chunks: all } = await peek(chunks, isPastMark);
  const decoder = foreignDecoder(head, encoding);
  yield* decoder ? recoded(all, decoder) : withoutMark(all);
}

/** Converts the first bytes of a text to UTF-8, as {@linkcode toUtf8} does. */
export function headToUtf8(head: Uint8Array, encoding: string | undefined): Uint8Array {
  const decoder = foreignDecoder(head, encoding);
  return decoder ? encode(withoutMarks(decoder.decode(head, { stream: true }))) : unmarked(head);
}

/** Returns the decoder of an encoding; `undefined` for UTF-8. */
function foreignDecoder(
  head: Uint8Array,
  encoding: string | undefined,
): TextDecoder | undefined {
  const decoder = encoding === undefined ? undefined : decoderFor(encoding, head);
  return decoder?.encoding === "utf-8" ? undefined : decoder;
}

async function* recoded(chunks: AsyncIterable<Uint8Array>, decoder: TextDecoder) {
  let isStart = true;
  for await (const chunk of chunks) {
    const decoded = decoder.decode(chunk, { stream: true });
    const text = isStart ? withoutMarks(decoded) : decoded;
    if (text !== "") isStart = false;
    yield encode(text);
  }
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

/** Removes the marks from the first chunk, which has all of them. */
async function* withoutMark(chunks: AsyncIterable<Uint8Array>) {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst ? unmarked(chunk) : chunk;
    isFirst = false;
  }
}

/** Removes all marks of UTF-8: some programs add one to a text that has one. */
export function unmarked(head: Uint8Array): Uint8Array {
  let rest = head;
  while (hasMark(rest)) rest = rest.subarray(UTF8_MARK_SIZE);
  return rest;
}

function withoutMarks(text: string): string {
  return text.replace(/^\ufeff+/, "");
}
