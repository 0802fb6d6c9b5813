/**
 * The events that come back from a host.
 *
 * @module
 */

import { NO_EVENTS } from "../../journal/format.ts";
import { UsageError } from "../../util/errors.ts";
import { removeIfThere } from "../../util/files/fs.ts";
import type { SpanLine } from "../shared/event_lines.ts";
import type { InFlight } from "../shared/in_flight.ts";
import { ResponseReader } from "../shared/response_reader.ts";
import { asideOf, pieceHead, writePiece } from "./file_pieces.ts";
import type { HostPool } from "./host_pool.ts";
import type { Mirror } from "./mirror.ts";
import type { FilePiece } from "./protocol.ts";
import { isSealed, type Packet } from "./packets.ts";

/** The error of a host that cannot run the function at all. */
export class HostError extends UsageError {}

/** The error of a connection that has lost bytes. The next one sends them again. */
export class LostBytes extends Error {}

// The errors of a path that this machine cannot have: for example, an earlier file, or one of another
// host, is where a folder would be.
const BAD_PATHS = new Set(["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG", "EINVAL", "EILSEQ"]);

/** Reads the file `events` of one host. */
export class HostEvents {
  #spans: SpanLine[] = [];
  /** The attempts that services have limited, in the packet that is being read. */
  #limited: (readonly [id: number, attempt: number])[] = [];
  #reader: ResponseReader<SpanLine>;

  /**
   * Creates a reader.
   *
   * @param name the name of the host
   * @param mirror the record of the host, which has the offset of the next packet
   * @param inFlight the tasks on the host that have no response
   * @param notify shows a text to the user
   */
  constructor(
    readonly name: string,
    readonly mirror: Mirror,
    readonly inFlight: InFlight,
    readonly pool: Pick<HostPool, "files" | "events" | "stop">,
    readonly notify: (text: string) => void,
  ) {
    this.#reader = new ResponseReader(inFlight, (line) => this.#spans.push(line));
    this.#reader.host = name;
  }

  /**
   * Takes the next packet. Resolves when its events are recorded.
   *
   * @returns `ended` when the process with the workers has ended as ordered, `left` when it has
   * because the machine goes away
   * @throws {HostError} when the function cannot run on the host.
   * @throws {LostBytes} when bytes are missing before the packet.
   * @throws {Error} when this machine cannot store a file of a task.
   */
  async take(packet: Packet): Promise<"ended" | "left" | undefined> {
    const { offset } = this.mirror, { head, payload } = packet;
    if (!isSealed(packet, offset)) throw new LostBytes("bytes were lost on the way");
    const piece = pieceHead(packet);
    if (piece) this.#store(piece, payload);
    else if ("events" in head) await this.#takeLines(payload);
    else if ("notice" in head) this.notify(`host ${this.name}: ${head.notice}`);
    else if ("broken" in head && !this.pool.stop.aborted) throw new HostError(`${head.broken}`);
    this.mirror.advance(offset + packet.raw.length, this.#limited.splice(0));
    if ("left" in head) return "left";
    return "ended" in head ? "ended" : undefined;
  }

  #store(piece: FilePiece, payload: Uint8Array): void {
    const { files } = this.pool, { file } = piece;
    try {
      writePiece(files, piece, payload);
    } catch (error) {
      // Each connection would receive the file again.
      if (!BAD_PATHS.has(`${(error as { code?: string }).code}`)) throw error;
      removeIfThere(asideOf(`${files}/${file}`));
      this.notify(
        `the file ${file} of host ${this.name} cannot be kept: ${(error as Error).message}`,
      );
    }
  }

  async #takeLines(lines: Uint8Array): Promise<void> {
    for (const batch of this.#reader.events(lines)) {
      for (const { event: { id, attempt, error } } of batch.failures) {
        if (error.class === "limited") this.#limited.push([id, attempt]);
      }
      await this.pool.events.send(batch);
    }
    for (const { span } of this.#spans.splice(0)) {
      const worker = `${this.name}.${span.worker}`;
      await this.pool.events.send({ ...NO_EVENTS, span: { ...span, worker } });
    }
  }
}
