/**
 * The network side of the server: connections that can be cut at any moment.
 *
 * @module
 */

/** Accepts connections and forwards their bytes to another server until they are cut. */
export class Front implements AsyncDisposable {
  #listener: Deno.TcpListener;
  #links = new Map<number, Deno.TcpConn[]>();
  #accepting: Promise<void>;

  /** Listens at a port of the loopback interface (0 for any), and forwards to the port `behind`. */
  constructor(port: number, readonly behind: number) {
    this.#listener = Deno.listen({ hostname: HOST, port });
    this.#accepting = this.#accept();
  }

  /** The port that this server listens on. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Cuts the connection that reaches the other server from a port. */
  cut(port: number): void {
    for (const end of this.#links.get(port) ?? []) close(end);
    this.#links.delete(port);
  }

  /** Cuts all connections and accepts no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const port of [...this.#links.keys()]) this.cut(port);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    try {
      for await (const outer of this.#listener) this.#link(outer).catch(() => close(outer));
    } catch {
      // The listener was closed.
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
    // The other side has closed the connection.
  }
}
