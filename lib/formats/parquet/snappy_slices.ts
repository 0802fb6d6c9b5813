/**
 * Decompresses a long page in slices, because some programs write one page for a million values.
 *
 * @see {@link https://github.com/google/snappy/blob/main/format_description.txt}
 *
 * @module
 */

// Compressors look back over the block that they compress, which has at most this size.
const HISTORY = 64 * 1024;
const SLICE = 256 * 1024;
// A copy has at most this length.
const MOST_COPIED = 64;
const LITERAL = 0, SHORT_COPY = 1, COPY = 2, FAR_COPY = 3;

/** The part of a compressed page that an element of the format describes. */
interface Element {
  /** The number of bytes that it produces. */
  length: number;
  /** The distance to the bytes that it repeats; 0 for a literal, whose bytes follow. */
  offset: number;
}

/** A page that is decompressed as it is read. */
export class SnappySlices {
  #input: Uint8Array;
  #at: number;
  #window = new Uint8Array(HISTORY + SLICE);
  /** The bytes in the window that have not been read are between two offsets. */
  #from = 0;
  #end = 0;
  /** The number of bytes that the last slice had. */
  #shown = 0;
  #element: Element = { length: 0, offset: 0 };

  /** Creates a reader of compressed bytes, for which {@linkcode canSlice} holds. */
  constructor(input: Uint8Array) {
    this.#input = input;
    this.#at = preambleEnd(input);
  }

  /** Reads bytes. Returns a copy. */
  read(length: number): Uint8Array {
    while (this.#end - this.#from < length) this.more(0);
    const bytes = this.#window.slice(this.#from, this.#from + length);
    this.#from += length;
    this.#shown = 0;
    return bytes;
  }

  /**
   * Returns the bytes that have not been read, and more of them than before. They are valid until the
   * next call.
   *
   * @param used the number of bytes of the last slice that have been read
   * @throws {RangeError} when the page has no more bytes.
   */
  more(used: number): Uint8Array {
    this.#from += used;
    const known = this.#shown - used;
    this.#makeRoom();
    while (this.#hasRoom && this.#at < this.#input.length) this.#unpack();
    this.#shown = this.#end - this.#from;
    if (this.#shown <= known || this.#shown === 0) throw new RangeError("a page ends early");
    return this.#window.subarray(this.#from, this.#end);
  }

  get #hasRoom(): boolean {
    return this.#window.length - this.#end >= MOST_COPIED;
  }

  /** Drops what is neither unread nor may be repeated. A value that is longer needs a larger window. */
  #makeRoom(): void {
    const kept = Math.max(0, Math.min(this.#from, this.#end - HISTORY));
    const length = this.#end - kept, old = this.#window;
    if (length > old.length / 2) this.#window = new Uint8Array(2 * old.length);
    this.#window.set(old.subarray(kept, this.#end));
    this.#from -= kept;
    this.#end = length;
  }

  /** Unpacks an element, or the part of a literal for which there is room. */
  #unpack(): void {
    const element = this.#element;
    if (element.length === 0) this.#at = readElement(this.#input, this.#at, element);
    const { offset } = element;
    const length = Math.min(element.length, this.#window.length - this.#end);
    if (offset > this.#end) throw new RangeError("a page repeats what it has not");
    if (offset === 0) this.#copyLiteral(length);
    else for (let i = 0; i < length; i++, this.#end++) this.#repeat(offset);
    element.length -= length;
  }

  #copyLiteral(length: number): void {
    const bytes = this.#input.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new RangeError("a page ends early");
    this.#window.set(bytes, this.#end);
    this.#at += length;
    this.#end += length;
  }

  #repeat(offset: number): void {
    this.#window[this.#end] = this.#window[this.#end - offset]!;
  }
}

/** Returns true when no element of a compressed page repeats bytes that are far from it. */
export function canSlice(input: Uint8Array): boolean {
  const element: Element = { length: 0, offset: 0 };
  for (let at = preambleEnd(input); at < input.length;) {
    at = readElement(input, at, element);
    if (element.offset === 0) at += element.length;
    if (element.offset > HISTORY) return false;
  }
  return true;
}

/** Returns the offset after the length of the page, which the header of the page has, too. */
function preambleEnd(input: Uint8Array): number {
  let at = 0;
  while (input[at]! >= 128) at++;
  return at + 1;
}

/** Reads an element. Returns the offset after it, and before the bytes of a literal. */
function readElement(input: Uint8Array, at: number, element: Element): number {
  const tag = input[at]!, high = tag >>> 2;
  switch (tag & 3) {
    case LITERAL: {
      const more = Math.max(0, high - 59);
      element.offset = 0;
      element.length = 1 + (more === 0 ? high : little(input, at + 1, more));
      return at + 1 + more;
    }
    case SHORT_COPY:
      element.length = 4 + (high & 7);
      element.offset = ((tag >>> 5) << 8) + input[at + 1]!;
      return checked(at + 2, element);
    case COPY:
      element.length = 1 + high;
      element.offset = little(input, at + 1, 2);
      return checked(at + 3, element);
    case FAR_COPY:
      element.length = 1 + high;
      element.offset = little(input, at + 1, 4);
      return checked(at + 5, element);
  }
  return at;
}

function checked(at: number, { offset }: Element): number {
  if (offset > 0) return at;
  throw new RangeError("a page repeats nothing");
}

function little(input: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + input[at + i]!;
  return value;
}
