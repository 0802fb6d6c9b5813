/** Something that is handed over, and who waits until it is dealt with. */
interface Offer<T> {
  readonly value: T;
  readonly done: () => void;
}

/**
 * Hands things from several sides to one, one at a time. Who gives waits until the taker is done with
 * it, so its memory can be used again, and a slow taker slows all down.
 */
export class Handover<T> implements AsyncIterable<T> {
  #offers: Offer<T>[] = [];
  #end: { readonly error?: unknown } | undefined;
  #changed = Promise.withResolvers<void>();
  #left = Promise.withResolvers<void>();
  #hasLeft = false;

  /** Settled when the taker has left, at the end or before it. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Gives something, and waits until it is dealt with, or nobody takes any more. */
  async give(value: T): Promise<void> {
    if (this.#hasLeft) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#offers.push({ value, done: resolve });
    this.#changed.resolve();
    await promise;
  }

  /** Ends it, with an error if there is one, when all that was given is dealt with. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end = end;
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (!this.#end || this.#offers.length > 0) {
        const [offer] = this.#offers;
        if (offer) {
          yield offer.value;
          offer.done();
          this.#offers.shift();
        } else {
          await this.#changed.promise;
          this.#changed = Promise.withResolvers();
        }
      }
      if ("error" in this.#end) throw this.#end.error;
    } finally {
      this.#hasLeft = true;
      this.#left.resolve();
      for (const { done } of this.#offers.splice(0)) done();
    }
  }
}
