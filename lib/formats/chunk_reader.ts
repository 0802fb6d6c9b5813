/**
 * Reads the chunks of a stream, which may be left before its end.
 *
 * @module
 */

/** Reads chunks one by one. */
export class ChunkReader {
  #chunks: AsyncIterator<Uint8Array>;
  #isReading = false;

  /** Creates a reader at the first chunk. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Returns the next chunk; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    this.#isReading = true;
    try {
      const { done, value } = await this.#chunks.next();
      return done ? undefined : value;
    } finally {
      this.#isReading = false;
    }
  }

  /** Ends the chunks. */
  async close(): Promise<void> {
    const closed = this.#chunks.return?.();
    // A pending read comes first, which a slow writer may never complete.
    if (this.#isReading) closed?.catch(() => {});
    else await closed;
  }
}
