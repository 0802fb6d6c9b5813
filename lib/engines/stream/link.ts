/**
 * One connection to a host, from the greeting to its end.
 *
 * @module
 */

import { delay } from "../../util/delay.ts";
import { startLightInterval, startLightTimer } from "../../util/light_timer.ts";
import { onAbort } from "../../util/on_abort.ts";
import { filePieces } from "./file_pieces.ts";
import type { Mirror } from "./mirror.ts";
import { encodePacket, type Packet, packetsOf } from "./packets.ts";
import type { HostPlace, Pipes } from "./place.ts";
import {
  type AttachRequest,
  type Beat,
  BEAT_MS,
  type Farewell,
  type Hello,
  type Needs,
  type Order,
  type OrderPacket,
  type Ready,
  SILENCE_MS,
} from "./protocol.ts";

/** Returns the request for a host, and the local paths of its files. */
export type MakeRequest = (ready: Ready) => {
  readonly request: AttachRequest;
  /** The local path of each file of the request. */
  readonly sources: Readonly<Record<string, string>>;
};

const DROP_MS = 10_000;

/** A connection to a host that has answered. */
export class Link implements Disposable {
  /** The answer of the host. */
  hello!: Hello;
  #pipes: Pipes;
  #packets: AsyncIterator<Packet>;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #last: Promise<void> = Promise.resolve();
  #stopBeats = () => {};
  #words = "";
  /** The time of the last byte from the host. */
  #heard = 0;
  #aborted: Disposable | undefined;

  private constructor(pipes: Pipes) {
    this.#pipes = pipes;
    this.#packets = packetsOf(pipes.readable, {
      onText: (text) => this.#words += text,
      onBytes: () => this.#heard = performance.now(),
    });
    this.#writer = pipes.writable.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /**
   * Connects to a host.
   *
   * @throws {Error} when this fails, with the reason.
   */
  static async open(place: HostPlace, make: MakeRequest, signal: AbortSignal): Promise<Link> {
    const link = new Link(await place.connect(signal));
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
    return this.#last = this.#last.then(() => this.#writer.write(bytes)).catch(() => {});
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

  /** Lets the host remove what it has of the job, and waits for a short time until it has. */
  async drop(): Promise<void> {
    await this.order("drop");
    const dropped = async () => {
      for await (const { head } of this.packets()) if ("dropped" in head) return;
    };
    await Promise.race([dropped(), delay(DROP_MS)]);
  }

  /** Yields the packets of the host until the connection ends. */
  async *packets(): AsyncGenerator<Packet> {
    for (let next = await this.#next(); next; next = await this.#next()) yield next;
  }

  /** Returns the reason of the end, once the connection has ended. */
  async reason(): Promise<string> {
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

  async #sendFile(source: string, file: string): Promise<void> {
    for (const [head, payload] of filePieces(source, file)) {
      await this.send(encodePacket(head, payload));
    }
  }

  async #expect<Head>(...names: readonly string[]): Promise<Head> {
    for (let next = await this.#next(); next; next = await this.#next()) {
      if (names.some((name) => name in next!.head)) return next.head as unknown as Head;
      const { failed } = next.head as Partial<Extract<Farewell, { failed: string }>>;
      if (failed !== undefined) throw new Error(failed);
    }
    throw new Error(await this.reason());
  }

  /** Reads the next packet; `undefined` at the end, or when the host is silent for too long. */
  async #next(): Promise<Packet | undefined> {
    const silence = Promise.withResolvers<undefined>();
    const look = () => {
      // A long packet may take longer than a silent host is waited for.
      const left = this.#heard + SILENCE_MS - performance.now();
      if (left > 0) stop = startLightTimer(look, left);
      else silence.resolve(undefined);
    };
    let stop = startLightTimer(look, SILENCE_MS);
    try {
      const next = await Promise.race([this.#packets.next(), silence.promise]);
      return next?.done ? undefined : next?.value;
    } catch {
      // The stream is broken or damaged, and read again at the last offset.
      return undefined;
    } finally {
      stop();
    }
  }
}
