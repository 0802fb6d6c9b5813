/**
 * The door to the network: connections that can be cut at any moment.
 *
 * @module
 */

/** Takes connections and hands their bytes on to a server behind it, until they are cut. */
export class Front implements AsyncDisposable {
  #listener: Deno.TcpListener;
  #links = new Map<number, Deno.TcpConn[]>();
  #accepting: Promise<void>;

  /** Listens on this machine alone, at a port (0: any free one), for the server at another port. */
  constructor(port: number, readonly behind: number) {
    this.#listener = Deno.listen({ hostname: HOST, port });
    this.#accepting = this.#accept();
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Cuts the connection that the server behind sees coming from a port. */
  cut(port: number): void {
    for (const end of this.#links.get(port) ?? []) close(end);
    this.#links.delete(port);
  }

  /** Cuts all connections and takes no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const port of [...this.#links.keys()]) this.cut(port);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    try {
      for await (const outer of this.#listener) this.#link(outer).catch(() => close(outer));
    } catch {
      // It was closed.
    }
  }

  async #link(outer: Deno.TcpConn): Promise<void> {
    const inner = await Deno.connect({ hostname: HOST, port: this.behind });
    const { port } = inner.localAddr;
    this.#links.set(port, [outer, inner]);
    const ways = [
      outer.readable.pipeTo(inner.writable),
      inner.readable.pipeTo(outer.writable),
    ];
    await Promise.allSettled(ways);
    this.cut(port);
  }
}

const HOST = "127.0.0.1";

function close(end: Deno.TcpConn): void {
  try {
    end.close();
  } catch {
    // It has been closed from the other side.
  }
}
