/**
 * A channel whose reader acknowledges each value before its sender continues.
 *
 * @module
 */

/** A value in the channel, and the callback that acknowledges it. */
interface Sent<T> {
  readonly value: T;
  readonly acknowledge: () => void;
}

/**
 * Passes values from several senders to one reader, one at a time.
 *
 * A sender waits until the reader is done with its value. The sender can then reuse the memory of
 * the value, and a slow reader slows down every sender.
 *
 * @example
 * ```ts
 * import { AckChannel } from "./ack_channel.ts";
 *
 * const channel = new AckChannel<number>();
 * channel.send(1).then(() => channel.end());
 * const received = await Array.fromAsync(channel);
 * if (received.join() !== "1") throw new Error("another value");
 * ```
 */
export class AckChannel<T> implements AsyncIterable<T> {
  #sent: Sent<T>[] = [];
  #end: { readonly error?: unknown } | undefined;
  #changed = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();
  #isClosed = false;

  /** Resolves when the reader stops reading, at the end of the channel or earlier. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Sends a value. Resolves when the reader is done with the value or has stopped reading. */
  async send(value: T): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sent.push({ value, acknowledge: resolve });
    this.#changed.resolve();
    await promise;
  }

  /**
   * Ends the channel once the reader has received all values sent so far.
   *
   * @param end an object whose `error`, if the property exists, is thrown in the reader's loop
   */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end = end;
    this.#changed.resolve();
  }

  /** Yields the values in the order of sending. Each request acknowledges the value before it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (!this.#end || this.#sent.length > 0) {
        const [next] = this.#sent;
        if (next) {
          yield next.value;
          next.acknowledge();
          this.#sent.shift();
        } else {
          await this.#changed.promise;
          this.#changed = Promise.withResolvers();
        }
      }
      if ("error" in this.#end) throw this.#end.error;
    } finally {
      this.#isClosed = true;
      this.#closed.resolve();
      for (const { acknowledge } of this.#sent.splice(0)) acknowledge();
    }
  }
}
