/**
 * One connection to a host, from the greeting to its end.
 *
 * @module
 */

import { delay } from "../../util/time/delay.ts";
import { startLightInterval } from "../../util/time/light_timer.ts";
import { onAbort } from "../../util/on_abort.ts";
import { filePieces } from "./file_pieces.ts";
import type { Mirror } from "./mirror.ts";
import { encodePacket, type Packet, packetsOf } from "./packets.ts";
import type { HostPlace, Pipes } from "./place.ts";
import {
  type AttachRequest,
  type Beat,
  BEAT_MS,
  type Hello,
  type Needs,
  type Order,
  type OrderPacket,
  type Ready,
  SILENCE_MS,
} from "./protocol.ts";
import { withFolderAdvice } from "./shell.ts";
import { SilenceLimit } from "./silence_limit.ts";

/** Returns the request for a host, and the local paths of its files. */
export type MakeRequest = (ready: Ready) => {
  readonly request: AttachRequest;
  /** The local path of each file of the request. */
  readonly sources: Readonly<Record<string, string>>;
};

/**
 * The number of connections that begin at a time. A server of ssh, which may be the jump host of all,
 * refuses connections when more than 10 have not signed in.
 */
export const MOST_STARTS = 8;

const DROP_MS = 10_000;
// Parts of this size pass within the limit of a silent host on any line that is of use.
const PART_BYTES = 64 * 1024;

/** A connection to a host that has answered. */
export class Link implements Disposable {
  /** The answer of the host. */
  hello!: Hello;
  /** The text about a failed step before the program began, for the user. */
  readonly notice: string | undefined;
  #pipes: Pipes;
  #packets: AsyncIterator<Packet>;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #last: Promise<void> = Promise.resolve();
  #stopBeats = () => {};
  #silenceMs: number;
  /** The limit on the silence of the host while it is read. */
  #hearing: SilenceLimit | undefined;
  /** The reason of an end by silence. */
  #silence: string | undefined;
  #aborted: Disposable | undefined;

  private constructor(readonly place: HostPlace, pipes: Pipes, silenceMs: number) {
    this.#pipes = pipes;
    this.notice = pipes.notice;
    this.#silenceMs = silenceMs;
    // A long packet may take longer than a silent host is waited for.
    this.#packets = packetsOf(pipes.readable, () => this.#hearing?.restart());
    this.#writer = pipes.writable.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /**
   * Connects to a host.
   *
   * @param silenceMs the time in which a host must answer, or take bytes, in milliseconds
   * @throws {Error} when this fails, with the reason.
   */
  static async open(
    place: HostPlace,
    make: MakeRequest,
    signal: AbortSignal,
    silenceMs: number = SILENCE_MS,
  ): Promise<Link> {
    const link = new Link(place, await place.connect(signal), silenceMs);
    link.#aborted = onAbort(signal, () => link[Symbol.dispose]());
    try {
      // Nothing begins on a host for a run that has ended meanwhile.
      signal.throwIfAborted();
      await link.#greet(make);
      return link;
    } catch (error) {
      link[Symbol.dispose]();
      throw error;
    }
  }

  /** Sends bytes. Resolves when they are under way, or when the connection has ended. */
  send(bytes: Uint8Array): Promise<void> {
    // A failed write is followed by the end of the packets.
    return this.#last = this.#last.then(() => this.#write(bytes)).catch(() => {});
  }

  /** Sends an order. */
  order(order: Order): Promise<void> {
    return this.send(encodePacket({ order } satisfies OrderPacket));
  }

  /** Sends the bytes of a mirror that the host does not have. */
  async sendRest(mirror: Mirror): Promise<void> {
    for (let at = this.hello.tasks; at < mirror.size;) {
      for (const piece of mirror.bytes(at)) {
        await this.send(piece);
        at += piece.length;
      }
    }
  }

  /**
   * Lets the host remove what it has of the job, and waits for a short time until it has.
   *
   * @returns true when the host has removed it
   */
  async drop(): Promise<boolean> {
    await this.order("drop");
    let isDropped = false;
    const dropped = async () => {
      for await (const { head } of this.packets()) {
        isDropped ||= "dropped" in head;
        if (isDropped) return;
      }
    };
    await delay(DROP_MS, [], dropped());
    return isDropped;
  }

  /** Yields the packets of the host until the connection ends. */
  async *packets(): AsyncGenerator<Packet> {
    for (let next = await this.#next(); next; next = await this.#next()) yield next;
  }

  /** Returns the reason of the end, once the connection has ended. */
  async reason(): Promise<string> {
    if (this.#silence !== undefined) return this.#silence;
    const words = await Promise.race([this.#pipes.ended, delay(1000)]);
    return words || "the connection ended";
  }

  [Symbol.dispose](): void {
    // A signal outlives many connections.
    this.#aborted?.[Symbol.dispose]();
    this.#stopBeats();
    this.#pipes.close();
  }

  async #greet(make: MakeRequest): Promise<void> {
    const { request, sources } = make(await this.#expect<Ready>("ready"));
    await this.send(encodePacket(request));
    const answer = await this.#expect<Needs | Hello>("needs", "events");
    if ("needs" in answer) {
      for (const file of answer.needs) await this.#sendFile(sources[file]!, file);
    }
    this.hello = "needs" in answer ? await this.#expect<Hello>("events") : answer;
    const beat = encodePacket({ beat: 1 } satisfies Beat);
    this.#stopBeats = startLightInterval(() => this.send(beat), BEAT_MS);
  }

  /** Writes bytes. A host that takes none for too long is as dead as one that sends none. */
  async #write(bytes: Uint8Array): Promise<void> {
    using limit = new SilenceLimit(this.#silenceMs, () => {
      this.#silence = `it took no bytes for ${limit.text}`;
      this.#pipes.close();
    });
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      await this.#writer.write(bytes.subarray(at, at + PART_BYTES));
      limit.restart();
    }
  }

  async #sendFile(source: string, file: string): Promise<void> {
    for (const [head, payload] of filePieces(source, file)) {
      await this.send(encodePacket(head, payload));
    }
  }

  async #expect<Head>(...names: readonly string[]): Promise<Head> {
    for await (const { head } of this.packets()) {
      if (names.some((name) => name in head)) return head as unknown as Head;
      if ("failed" in head) throw new Error(withFolderAdvice(`${head.failed}`, this.place));
    }
    throw new Error(await this.reason());
  }

  /** Reads the next packet; `undefined` at the end, or when the host is silent for too long. */
  async #next(): Promise<Packet | undefined> {
    const silence = Promise.withResolvers<undefined>();
    using limit = this.#hearing = new SilenceLimit(this.#silenceMs, () => {
      this.#silence = `it did not answer for ${limit.text}`;
      silence.resolve(undefined);
    });
    try {
      const next = await Promise.race([this.#packets.next(), silence.promise]);
      return next?.done ? undefined : next?.value;
    } catch {
      // The stream is broken or damaged, and read again at the last offset.
      return undefined;
    }
  }
}
