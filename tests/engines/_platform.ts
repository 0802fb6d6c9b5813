/**
 * A platform for the tests of one file.
 *
 * @module
 */

import { ComputeServer, type ServerOptions } from "../compute_server/mod.ts";

let server: ComputeServer | undefined;

/** Starts a platform for all tests of a file, and ends it behind them. */
export function usePlatform(options: ServerOptions = {}): void {
  let names: string[] = [];
  Deno.test.beforeAll(async () => {
    server = await ComputeServer.start({ buildMs: 1, cancelMs: 1, slots: 2, ...options });
    names = Object.keys(server.envOf());
    for (const [name, value] of Object.entries(server.envOf())) Deno.env.set(name, value);
  });
  Deno.test.afterAll(async () => {
    for (const name of names) Deno.env.delete(name);
    await server?.[Symbol.asyncDispose]();
  });
}

/** The platform that is there. */
export function thePlatform(): ComputeServer {
  return server!;
}
