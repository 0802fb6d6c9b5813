/**
 * A byte stream read into two buffers in turn.
 *
 * @module
 */

// More than a pipe holds, so that one read takes all that is there.
const READ_SIZE = 256 * 1024;

/** The two steps that each piece of the stream goes through. */
export interface ChunkConsumer<Parsed extends { readonly used: number }> {
  /**
   * Parses the bytes that were not used before and the new ones.
   *
   * @returns what was found, and the number of bytes that it used
   */
  parse(bytes: Uint8Array): Parsed;
  /** Passes on what was found. It may share the memory of the bytes until this resolves. */
  deliver(parsed: Parsed): Promise<void>;
}

/**
 * Reads a stream to its end. The next read begins before a piece is delivered, into the other buffer,
 * so that the writer continues meanwhile.
 *
 * @returns the bytes at the end that were not used
 */
export async function readDoubleBuffered<Parsed extends { readonly used: number }>(
  stream: ReadableStream<Uint8Array>,
  consumer: ChunkConsumer<Parsed>,
): Promise<Uint8Array> {
  const reader = stream.getReader({ mode: "byob" });
  let spare = new Uint8Array(READ_SIZE), rest: Uint8Array = new Uint8Array(0);
  let reading = reader.read(new Uint8Array(READ_SIZE));
  for (;;) {
    const { value, done } = await reading;
    if (done) return rest;
    // The buffer was transferred to the read, and comes back with it.
    const buffer = new Uint8Array(value.buffer);
    const bytes = buffer.subarray(0, rest.length + value.length);
    const parsed = consumer.parse(bytes);
    rest = bytes.subarray(parsed.used);
    // A long response needs more room.
    if (spare.length < 2 * rest.length) spare = new Uint8Array(4 * rest.length);
    spare.set(rest);
    reading = reader.read(spare.subarray(rest.length));
    await consumer.deliver(parsed);
    spare = buffer;
  }
}
