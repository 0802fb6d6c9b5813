/**
 * Append-only files of packets: the tasks that a host has received, and the events of these tasks.
 *
 * @module
 */

import { PRIVATE_FILE, statIfThere, writeAll } from "../../util/files/fs.ts";
import { GrowingFile } from "../../util/files/growing_file.ts";
import { isSealed, type Packet, readPackets, sealPacket } from "./packets.ts";

const PIECE_BYTES = 1024 * 1024;

/** Appends packets to a file. */
export class SpoolFile implements Disposable {
  /** The size of the file, in bytes. */
  size: number;
  #file: Deno.FsFile;

  /**
   * Opens a file, which is created when it is missing.
   *
   * @param end the end of its last whole packet. The bytes after it are removed.
   * @param next the way out in the message about a disk that is full. @default {to resume}
   */
  constructor(readonly path: string, end: number, readonly next?: string) {
    this.#file = Deno.openSync(path, { append: true, create: true, mode: PRIVATE_FILE });
    this.#file.truncateSync(end);
    this.size = end;
  }

  /**
   * Appends a packet.
   *
   * @returns the bytes of the packet
   * @throws {Error} when the disk is full or gone.
   */
  append(head: object, payload: Uint8Array = new Uint8Array()): Uint8Array {
    const raw = sealPacket(head, payload, this.size);
    this.#write(raw);
    return raw;
  }

  /**
   * Appends a packet of the same file on another machine.
   *
   * @throws {SyntaxError} when the packet does not belong to the end of the file.
   */
  copy(packet: Packet): void {
    if (!isSealed(packet, this.size)) throw new SyntaxError(`not the next packet of ${this.path}`);
    this.#write(packet.raw);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #write(raw: Uint8Array): void {
    try {
      writeAll(this.#file, raw, this.path, this.next);
    } catch (error) {
      // A later packet must not follow a part of this one.
      this.#file.truncateSync(this.size);
      throw error;
    }
    this.size += raw.length;
  }
}

/** Reads the packets of a file while it grows. */
export class SpoolReader {
  #file: GrowingFile;

  /**
   * Creates a reader.
   *
   * @param path the path of the file, which need not exist yet
   * @param at the offset of a packet
   */
  constructor(path: string, at = 0) {
    this.#file = new GrowingFile(path, PIECE_BYTES);
    this.#file.at = at;
  }

  /** The offset after the last packet that was read. */
  get at(): number {
    return this.#file.at;
  }

  /**
   * Reads the next whole packets; `undefined` when the file has no more.
   *
   * @throws {SyntaxError} when the file is damaged, or shorter than it was.
   */
  next(): Packet[] | undefined {
    const found = this.#file.nextUsed((bytes) => {
      const read = readPackets(bytes);
      this.#check(read.packets);
      return read;
    });
    const { size, at, path } = this.#file;
    if (size < at) throw new SyntaxError(`cut from ${at} to ${size} bytes: ${path}`);
    return found?.packets;
  }

  #check(packets: readonly Packet[]): void {
    let { at } = this.#file;
    for (const packet of packets) {
      if (!isSealed(packet, at)) throw new SyntaxError(`damaged at ${at}: ${this.#file.path}`);
      at += packet.raw.length;
    }
  }
}

/**
 * Reads a file up to its first packet that is torn or damaged.
 *
 * @param take receives each whole packet, with its offset
 * @returns the end of the last whole packet; 0 for a file that does not exist
 */
export function readSpool(path: string, take: (packet: Packet) => void = () => {}): number {
  if (!statIfThere(path)) return 0;
  const reader = new SpoolReader(path);
  try {
    for (let packets = reader.next(); packets; packets = reader.next()) packets.forEach(take);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return reader.at;
}
