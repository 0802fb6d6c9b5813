/**
 * A channel from several senders to one reader that acknowledges each value.
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
 * A sender waits until the reader is done with its value. So the sender can use the value's memory
 * again, and a slow reader slows every sender down.
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

  /** Resolves when the reader has stopped reading, at the channel's end or before it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Sends a value. Resolves when the reader is done with it, or has stopped reading. */
  async send(value: T): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sent.push({ value, acknowledge: resolve });
    this.#changed.resolve();
    await promise;
  }

  /**
   * Ends the channel after the values that have been sent.
   *
   * @param end has the property `error` when the reader's loop must throw that error
   */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end = end;
    this.#changed.resolve();
  }

  /** Yields the values in the order they were sent; asking for the next one acknowledges the last. */
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
