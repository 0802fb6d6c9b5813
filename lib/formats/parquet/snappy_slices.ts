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

/** Fills memory with a part of a page as it is in the file. */
export type ReadPart = (from: number, target: Uint8Array<ArrayBuffer>) => void;

/** Memory that the pages of a column take one after the other. */
interface Memory {
  /** Returns bytes, whose content is valid until the next call. */
  take(size: number): Uint8Array<ArrayBuffer>;
}

/** The memory of the pages of a column that are decompressed in slices. */
export interface SliceMemory {
  readonly input: Memory;
  readonly window: Memory;
}

/** A page that is decompressed as it is read. */
export class SnappySlices {
  #input: Input;
  #window: Uint8Array<ArrayBuffer>;
  /** The bytes in the window that have not been read are between two offsets. */
  #from = 0;
  #end = 0;
  /** The number of bytes that the last slice had. */
  #shown = 0;
  #element: Element = { length: 0, offset: 0 };

  /**
   * Creates a reader of a page for which {@linkcode canSlice} holds.
   *
   * @param size the size of the compressed page
   */
  constructor(read: ReadPart, size: number, { input, window }: SliceMemory) {
    this.#input = new Input(read, size, input);
    this.#window = window.take(HISTORY + SLICE);
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
    while (this.#hasRoom && this.#input.fill()) this.#unpack();
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
    if (element.length === 0) this.#input.next(element);
    const { offset } = element;
    const length = Math.min(element.length, this.#window.length - this.#end);
    if (offset === 0) return this.#copyLiteral(length);
    if (offset > this.#end) throw new RangeError("a page repeats what it has not");
    for (let i = 0; i < length; i++, this.#end++) this.#repeat(offset);
    element.length = 0;
  }

  #copyLiteral(length: number): void {
    const copied = this.#input.copy(length, this.#window, this.#end);
    this.#end += copied;
    this.#element.length -= copied;
  }

  #repeat(offset: number): void {
    this.#window[this.#end] = this.#window[this.#end - offset]!;
  }
}

/** Returns true when no element of a compressed page repeats bytes that are far from it. */
export function canSlice(read: ReadPart, size: number, memory: SliceMemory): boolean {
  const input = new Input(read, size, memory.input), element: Element = { length: 0, offset: 0 };
  while (input.fill()) {
    input.next(element);
    if (element.offset === 0) input.skip(element.length);
    if (element.offset > HISTORY) return false;
  }
  return true;
}

const CHUNK = 256 * 1024;
// The number of bytes that describe an element.
const MOST_HEAD = 5;
// A copy byte by byte is faster than a view of the bytes.
const SHORT = 64;

/** The bytes of a compressed page, in chunks. */
class Input {
  #memory: Uint8Array<ArrayBuffer>;
  /** The part of the memory that contains the chunk. */
  #bytes: Uint8Array;
  #at = 0;
  /** The offset in the page of the bytes after the chunk. */
  #next = 0;

  /** Moves past the length of the page, which its header has, too. */
  constructor(readonly read: ReadPart, readonly size: number, memory: Memory) {
    this.#memory = memory.take(MOST_HEAD + CHUNK);
    this.#bytes = this.#memory.subarray(0, 0);
    this.fill();
    while (this.#bytes[this.#at]! >= 128) this.#at++;
    this.#at++;
  }

  /** Reads more, so that the chunk contains the next head. Returns false at the end. */
  fill(): boolean {
    const left = this.#bytes.length - this.#at;
    if (left < MOST_HEAD && this.#next < this.size) {
      const length = Math.min(CHUNK, this.size - this.#next);
      this.#memory.set(this.#bytes.subarray(this.#at));
      this.read(this.#next, this.#memory.subarray(left, left + length));
      this.#bytes = this.#memory.subarray(0, left + length);
      this.#at = 0;
      this.#next += length;
    }
    return this.#at < this.#bytes.length;
  }

  /** Reads the head of an element. */
  next(element: Element): void {
    this.#at = readElement(this.#bytes, this.#at, element);
    if (this.#at > this.#bytes.length) throw new RangeError("a page ends early");
  }

  /** Copies the next bytes, at most those of the chunk. Returns their number. */
  copy(length: number, target: Uint8Array, to: number): number {
    const bytes = this.#bytes, at = this.#at, count = Math.min(length, bytes.length - at);
    if (count > SHORT) target.set(bytes.subarray(at, at + count), to);
    else for (let i = 0; i < count; i++) target[to + i] = bytes[at + i]!;
    this.#at = at + count;
    return count;
  }

  /** Moves on without reading. */
  skip(length: number): void {
    this.#at += length;
    const beyond = this.#at - this.#bytes.length;
    if (beyond <= 0) return;
    this.#next += beyond;
    [this.#bytes, this.#at] = [this.#memory.subarray(0, 0), 0];
  }
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
