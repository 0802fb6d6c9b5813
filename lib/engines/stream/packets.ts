/**
 * Packets: the form of all data between the two sides, on the wire and in files.
 *
 * ```text
 * RS {"bytes":6,"id":0,"count":3} LF 0 LF 1 LF 2 LF
 * ```
 *
 * A packet begins with the byte RS, so a reader finds the first one after text that a login shell
 * has printed.
 *
 * @module
 */

import { concatBytes, NEWLINE } from "../../util/bytes/bytes.ts";
import { crc32, crc32Text } from "../../util/bytes/crc32.ts";

/** A packet: a head, which is JSON, and its payload. */
export interface Packet {
  /** The head, with the length of the payload as `bytes`. */
  readonly head: Readonly<Record<string, unknown>>;
  /** The payload, which shares the memory of `raw`. */
  readonly payload: Uint8Array;
  /** The whole packet. */
  readonly raw: Uint8Array;
}

/** The first byte of a packet: the record separator. */
export const PACKET_START = 0x1e;

const NOTHING = new Uint8Array();
// A longer head is not a head. The head of a batch of scattered tasks lists their ranges.
const MAX_HEAD = 16 * 1024 * 1024;

/** Returns a packet. */
export function encodePacket(head: object, payload: Uint8Array = NOTHING): Uint8Array {
  return joined(JSON.stringify({ bytes: payload.length, ...head }), payload);
}

/**
 * Returns a packet with a checksum over its head, its payload and its place in a file.
 *
 * @param at the offset of the packet in the file
 */
export function sealPacket(head: object, payload: Uint8Array, at: number): Uint8Array {
  const text = JSON.stringify({ bytes: payload.length, ...head });
  return joined(`${text.slice(0, -1)}${SUM}${sumOf(text, payload, at)}}`, payload);
}

/** Returns true when a packet is whole and belongs to an offset of its file. */
export function isSealed({ raw, payload }: Packet, at: number): boolean {
  const line = new TextDecoder().decode(raw.subarray(1, raw.length - payload.length - 1));
  const sum = line.lastIndexOf(SUM);
  if (sum < 0) return false;
  return Number(line.slice(sum + SUM.length, -1)) === sumOf(`${line.slice(0, sum)}}`, payload, at);
}

/**
 * Reads the whole packets at the start of some bytes.
 *
 * @returns the packets, the number of bytes used, and the size of the incomplete packet that
 * follows; 0 while its head is incomplete
 * @throws {SyntaxError} when the bytes are not packets.
 *
 * @example
 * ```ts
 * import { encodePacket, readPackets } from "./packets.ts";
 *
 * const bytes = encodePacket({ beat: 1 });
 * const { packets, used } = readPackets(bytes);
 * if (packets[0]?.head.beat !== 1 || used !== bytes.length) throw new Error("not read");
 * ```
 */
export function readPackets(
  bytes: Uint8Array,
): { packets: Packet[]; used: number; wanted: number } {
  const packets: Packet[] = [];
  let used = 0;
  for (let next = headAt(bytes, 0); next; next = headAt(bytes, used)) {
    const { head, body, end } = next;
    if (end > bytes.length) return { packets, used, wanted: end - used };
    packets.push({ head, payload: bytes.subarray(body, end), raw: bytes.subarray(used, end) });
    used = end;
  }
  return { packets, used, wanted: 0 };
}

/**
 * Yields the packets of a stream, and skips text before the first packet.
 *
 * @param onBytes called for each part of the stream, of which a long packet has many
 */
export async function* packetsOf(
  stream: AsyncIterable<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<Packet> {
  let parts: Uint8Array[] = [], length = 0, wanted = 0, hasBegun = false;
  for await (const chunk of stream) {
    onBytes();
    length += chunk.length;
    if (length < wanted) {
      // A long packet is joined once. The stream may reuse the memory of a chunk.
      parts.push(chunk.slice());
      continue;
    }
    let bytes = concatBytes([...parts, chunk]);
    if (!hasBegun) {
      const start = bytes.indexOf(PACKET_START);
      bytes = start < 0 ? NOTHING : bytes.subarray(start);
      hasBegun = start >= 0;
    }
    const read = readPackets(bytes);
    yield* read.packets;
    const rest = bytes.slice(read.used);
    parts = rest.length > 0 ? [rest] : [];
    [length, wanted] = [rest.length, read.wanted];
  }
}

/** Returns the head of a packet, and the offsets of its payload, which may be incomplete. */
function headAt(
  bytes: Uint8Array,
  start: number,
): { readonly head: Packet["head"]; readonly body: number; readonly end: number } | undefined {
  if (start >= bytes.length) return undefined;
  if (bytes[start] !== PACKET_START) {
    throw new SyntaxError("Cannot read a packet: its first byte is wrong");
  }
  const newline = bytes.indexOf(NEWLINE, start);
  if (newline < 0) {
    if (bytes.length - start > MAX_HEAD) throw new SyntaxError("Cannot read a packet: no head");
    return undefined;
  }
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(start + 1, newline)));
  if (!(head?.bytes >= 0)) throw new SyntaxError("Cannot read a packet: it has no length");
  return { head, body: newline + 1, end: newline + 1 + head.bytes };
}

const SUM = ',"sum":';

function sumOf(head: string, payload: Uint8Array, at: number): number {
  return crc32(payload, crc32Text(`${at} ${head}`));
}

function joined(head: string, payload: Uint8Array): Uint8Array {
  return concatBytes([new TextEncoder().encode(`\x1e${head}\n`), payload]);
}
