/**
 * A server that gives answers in an order, and keeps what it was asked.
 *
 * @module
 */

/** One request, as it came. */
export interface Asked {
  readonly line: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Answers one request after the other; the last answer is given for all that follow. */
export class ScriptedServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(answers: readonly ((asked: Asked) => Response | Promise<Response>)[]) {
    const quiet = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(quiet, async (request) => {
      const { pathname, search } = new URL(request.url);
      const line = `${request.method} ${pathname}${decodeURIComponent(search)}`;
      const asked = { line, headers: request.headers, body: await request.text() };
      this.asked.push(asked);
      return await answers[Math.min(this.asked.length, answers.length) - 1]!(asked);
    });
  }

  /** Its address. */
  get base(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
