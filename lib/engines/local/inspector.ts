/**
 * The stack of a program that computes, read by the debugger's protocol.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/v8/Debugger/
 *
 * @module
 */

/** Returns the address for a worker's debugger: a free port of this machine. */
export function newInspector(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}

/** A message of the debugger. */
interface DebuggerMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly callFrames: readonly { readonly callFrameId: string }[] };
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

const EVALUATE = 3, RESUME = 4;

/**
 * Pauses a program, reads the stack of the code that runs, and continues.
 *
 * @param address the host and the port of the debugger
 * @param ms the longest wait, in milliseconds
 * @returns `undefined` when no code runs in this time, because the program waits.
 * @throws {Error} when the program has ended.
 */
export async function readStack(address: string, ms: number): Promise<string | undefined> {
  const found = Promise.withResolvers<string | undefined>();
  const signal = AbortSignal.timeout(ms);
  signal.addEventListener("abort", () => found.resolve(undefined));
  using client = withoutProxy(() => Deno.createHttpClient({}));
  const response = await fetch(`http://${address}/json/list`, { signal, client });
  const [{ webSocketDebuggerUrl: url }] = await response.json();
  const socket = withoutProxy(() => new WebSocket(url));
  const send = (id: number, method: string, params = {}) =>
    socket.send(JSON.stringify({ id, method, params }));
  socket.onopen = () => {
    send(1, "Debugger.enable");
    send(2, "Debugger.pause");
  };
  socket.onerror = () => found.resolve(undefined);
  const answer = (data: string) => {
    const { id, method, params, result }: DebuggerMessage = JSON.parse(data);
    if (method === "Debugger.paused") {
      const { callFrameId } = params!.callFrames[0]!;
      // The program's own stack has the lines of the source files.
      send(EVALUATE, "Debugger.evaluateOnCallFrame", {
        callFrameId,
        expression: "new Error().stack",
      });
    } else if (id === EVALUATE) {
      send(RESUME, "Debugger.resume");
      found.resolve(textOf(result?.result?.value));
    }
  };
  socket.onmessage = ({ data }) => {
    try {
      answer(data);
    } catch {
      // Another program may have the port. An error here would end the job.
      found.resolve(undefined);
    }
  };
  const stack = await found.promise;
  // A pause that was requested must not stop the program later.
  if (socket.readyState === WebSocket.OPEN) send(RESUME, "Debugger.resume");
  socket.close();
  return stack;
}

/**
 * Creates a connection to this machine. With the proxies of the environment, which are read in this
 * call, it would ask another machine.
 */
function withoutProxy<T>(connect: () => T): T {
  const before = Deno.env.get(NO_PROXY);
  Deno.env.set(NO_PROXY, "127.0.0.1");
  try {
    return connect();
  } finally {
    if (before === undefined) Deno.env.delete(NO_PROXY);
    else Deno.env.set(NO_PROXY, before);
  }
}

const NO_PROXY = "NO_PROXY";

/** Returns the frames of a stack, without that of the evaluation. */
function textOf(stack: unknown): string | undefined {
  if (typeof stack !== "string") return undefined;
  return stack.split("\n").slice(1).filter((line) => !line.includes("at eval (eval at")).join("\n");
}
