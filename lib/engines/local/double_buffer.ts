/**
 * A byte stream, read into two buffers alternately.
 *
 * @module
 */

// The buffer is larger than that of a socket, so one read can empty the socket.
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
  stream: Pick<Deno.Conn, "read">,
  consumer: ChunkConsumer<Parsed>,
): Promise<Uint8Array> {
  let buffer = new Uint8Array(READ_SIZE), spare = new Uint8Array(READ_SIZE), length = 0;
  let reading = stream.read(buffer);
  for (;;) {
    const size = await reading;
    if (size === null) return buffer.subarray(0, length);
    const bytes = buffer.subarray(0, length + size);
    const parsed = consumer.parse(bytes);
    const rest = bytes.subarray(parsed.used);
    // A long response needs a larger buffer.
    const needed = rest.length + READ_SIZE / 2;
    if (spare.length < needed) spare = new Uint8Array(2 * needed);
    spare.set(rest);
    length = rest.length;
    reading = stream.read(spare.subarray(length));
    await consumer.deliver(parsed);
    [buffer, spare] = [spare, buffer];
  }
}
