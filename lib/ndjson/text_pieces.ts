/**
 * Decodes chunks of bytes to text.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../util/bytes/bytes.ts";

const NO_TEXT = "\0the line is not valid UTF-8, convert the file first";
const COMPRESSED = "\0it is compressed; read its stream, file.readable.pipeThrough(new " +
  'DecompressionStream("gzip"))';
const TOO_LONG = "\0the line is longer than a string can be, split it";
/**
 * Markers that replace a part of a line that cannot become a string. The leading NUL makes the line
 * invalid JSON.
 */
export const NO_LINES = [COMPRESSED, NO_TEXT, TOO_LONG];

/**
 * Decodes chunks of bytes, which may end within a character, in half the time that `TextDecoder`
 * takes with `stream: true`.
 */
export class TextPieces {
  #torn: Uint8Array | undefined;
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

  /**
   * Decodes a chunk. A last character of several bytes may be incomplete, so it is kept for the
   * next chunk.
   */
  decode(chunk: Uint8Array): string {
    const bytes = this.#torn ? concatBytes([this.#torn, chunk]) : chunk;
    const end = lastCharacter(bytes);
    this.#torn = end < bytes.length ? bytes.slice(end) : undefined;
    const whole = bytes.subarray(0, end);
    const text = this.#decoder.decode(whole);
    // The strict decoder takes twice the time. It is needed only when the text has a replacement
    // character.
    return text.includes("\ufffd") ? this.#decodeEach(whole) : text;
  }

  // The strict decoder does not report the line of the invalid byte.
  #decodeEach(bytes: Uint8Array): string {
    let text = "";
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, start) + 1 || bytes.length;
      text += this.#decodeLine(bytes.subarray(start, end));
      start = end;
    }
    return text;
  }

  #decodeLine(bytes: Uint8Array): string {
    try {
      return this.#strict.decode(bytes);
    } catch {
      const marker = bytes[0] === 0x1f && bytes[1] === 0x8b ? COMPRESSED : NO_TEXT;
      return bytes.at(-1) === NEWLINE ? `${marker}\n` : marker;
    }
  }
}

/** Returns the offset of the last character if it has several bytes, or else the length. */
function lastCharacter(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= bytes.length - 4 && bytes[at]! >= 0x80; at--) {
    if (bytes[at]! >= 0xc0) return at;
  }
  return bytes.length;
}

/** Joins two texts. Returns `TOO_LONG` when the result exceeds the maximum length of a string. */
export function addText(text: string, more: string): string {
  try {
    return text + more;
  } catch {
    return TOO_LONG;
  }
}
