/**
 * A byte stream, read into two buffers alternately.
 *
 * @module
 */

import { fitBuffer } from "../../util/bytes/bytes.ts";

// The buffer is larger than that of a socket, so one read can empty the socket.
const READ_SIZE = 256 * 1024;

/** The bytes that were used, and the size of what follows them. */
export interface UsedBytes {
  /** The number of bytes used. */
  readonly used: number;
  /** The size of the incomplete response that follows, in bytes. @default {unknown} */
  readonly wanted?: number | undefined;
}

/** The two steps for each chunk of the stream. */
export interface ChunkConsumer<Parsed extends UsedBytes> {
  /**
   * Parses the bytes left over from the previous call, followed by the new bytes.
   *
   * @returns the parsed values, and the number of bytes used
   */
  parse(bytes: Uint8Array): Parsed;
  /**
   * Delivers the parsed values. The values may share the memory of the bytes until the promise
   * resolves. Not called when no bytes were used.
   */
  deliver(parsed: Parsed): Promise<void>;
}

/**
 * Reads a stream to its end. Each read begins before the previous chunk is delivered, so the writer
 * of the stream does not wait for the delivery. The rest of a long response is read into the buffer
 * that has its start, without a copy.
 *
 * @returns the unused bytes at the end of the stream
 */
export async function readDoubleBuffered<Parsed extends UsedBytes>(
  stream: Pick<Deno.Conn, "read">,
  consumer: ChunkConsumer<Parsed>,
): Promise<Uint8Array> {
  let buffer = new Uint8Array(READ_SIZE), spare = new Uint8Array(READ_SIZE), length = 0;
  let reading = stream.read(buffer);
  for (;;) {
    const size = await reading;
    if (size === null) return buffer.subarray(0, length);
    const bytes = buffer.subarray(0, length + size), parsed = consumer.parse(bytes);
    const rest = bytes.subarray(parsed.used), isSame = parsed.used === 0;
    const next = roomFor(parsed, rest, isSame ? buffer : spare);
    if (next !== buffer) next.set(rest);
    length = rest.length;
    reading = stream.read(next.subarray(length));
    if (!isSame) await consumer.deliver(parsed);
    [buffer, spare] = [next, isSame ? spare : buffer];
  }
}

/** Returns a buffer that has room for the rest of a chunk and for the response that it begins. */
function roomFor(
  { wanted = 0 }: UsedBytes,
  { length }: Uint8Array,
  buffer: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const whole = wanted > 0 ? wanted : 2 * length;
  return fitBuffer(buffer, Math.max(READ_SIZE, whole + READ_SIZE / 2));
}
