/**
 * Collects lines of JSON as bytes.
 *
 * @module
 */

import { NEWLINE } from "../../util/bytes/bytes.ts";

const QUOTE = 34;
const encoder = new TextEncoder();
const ESCAPES: readonly Uint8Array[] = Array.from(
  { length: 128 },
  (_, byte) => encoder.encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

/**
 * The lines that are written, and the beginning of the next one. The fields are public for the loops
 * that copy the bytes of a cell.
 */
export class JsonLines {
  /** The memory. */
  bytes = new Uint8Array(1024);
  /** The end of what is written. */
  end = 0;
  /** The start of the line that is not complete. */
  start = 0;

  /** Provides memory for more bytes. */
  reserve(size: number): void {
    if (this.end + size <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.end + size));
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
  }

  /** Appends a few bytes, for which there is memory. */
  append(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.bytes[this.end++] = bytes[i]!;
  }

  /** Appends a character of ASCII inside of quotes, for which there is memory. */
  appendEscaped(byte: number): void {
    this.append(ESCAPES[byte]!);
  }

  /** Appends a quote, for which there is memory. */
  quote(): void {
    this.bytes[this.end++] = QUOTE;
  }

  /** Ends the line. */
  endLine(): void {
    this.bytes[this.end++] = NEWLINE;
    this.start = this.end;
  }

  /** Writes a whole line in place of the line that is not complete. */
  replaceLine(text: string): void {
    const bytes = encoder.encode(text);
    this.end = this.start;
    this.reserve(bytes.length + 1);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
    this.endLine();
  }

  /** Removes and returns the line that is not complete, or `undefined` if it is not UTF-8. */
  takeText(): string | undefined {
    const text = this.bytes.subarray(this.start, this.end);
    this.end = this.start;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(text);
    } catch {
      return undefined;
    }
  }

  /** Removes and returns the whole lines. */
  take(): Uint8Array {
    const lines = this.bytes.subarray(0, this.start);
    if (lines.length === 0) return lines;
    const rest = this.bytes.subarray(this.start, this.end);
    // The next lines probably take as much memory. More would be copied by the reader of the block.
    this.bytes = new Uint8Array(rest.length + Math.ceil(lines.length * 1.1));
    this.bytes.set(rest);
    this.end = rest.length;
    this.start = 0;
    return lines;
  }
}
