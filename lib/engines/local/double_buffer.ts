/**
 * A byte stream, read into two buffers alternately.
 *
 * @module
 */

// The buffer is larger than a pipe, so one read can empty the pipe.
const READ_SIZE = 256 * 1024;

/** The two steps for each chunk of the stream. */
export interface ChunkConsumer<Parsed extends { readonly used: number }> {
  /**
   * Parses the bytes left over from the previous call, followed by the new bytes.
   *
   * @returns the parsed values, and the number of bytes used
   */
  parse(bytes: Uint8Array): Parsed;
  /**
   * Delivers the parsed values. The values may share the memory of the bytes until the promise
   * resolves.
   */
  deliver(parsed: Parsed): Promise<void>;
}

/**
 * Reads a stream to its end. Each read begins before the previous chunk is delivered, so the writer
 * of the stream does not wait for the delivery.
 *
 * @returns the unused bytes at the end of the stream
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
    // read() detaches its buffer and returns the memory in `value`.
    const buffer = new Uint8Array(value.buffer);
    const bytes = buffer.subarray(0, rest.length + value.length);
    const parsed = consumer.parse(bytes);
    rest = bytes.subarray(parsed.used);
    // A long response needs a larger buffer.
    if (spare.length < 2 * rest.length) spare = new Uint8Array(4 * rest.length);
    spare.set(rest);
    reading = reader.read(spare.subarray(rest.length));
    await consumer.deliver(parsed);
    spare = buffer;
  }
}
