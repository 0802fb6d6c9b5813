/**
 * A server with a client, and bundles of one function.
 *
 * @module
 */

import { Client } from "../../../support/compute_client.ts";
import { skipSuffix, whyNoProgram } from "../../../support/programs.ts";
import { ComputeServer, type ServerOptions } from "../../../../tools/compute_server/mod.ts";

// The server runs functions with Python.
const whyNot = await whyNoProgram("python3");

/** Registers a test, which is skipped where Python is missing. */
export function test(claim: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const name = claim + skipSuffix(whyNot);
  Deno.test({ name, ignore: whyNot !== undefined, fn });
}

/** A bundle of one function. */
export function bundleOf(source: string, more: Readonly<Record<string, string>> = {}) {
  return { "__dlentrypoint__.py": `${source}\n\n\nmain = f\n`, ...more };
}

/** A bundle whose function logs its argument and returns the square. */
export const SQUARE = bundleOf("def f(x):\n    print('at', x)\n    return x * x");
/** The options of a server that builds and cancels at once. */
export const QUICK = { buildMs: 1, cancelMs: 1 };

/** Starts a server with a client that is signed in. */
export async function open(options: ServerOptions = {}) {
  const server = await ComputeServer.start({ ...QUICK, ...options });
  const client = await Client.open(server);
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Returns the body of a request for several jobs. */
export function bulkOf(id: string, args: readonly (readonly unknown[])[]) {
  return {
    function_id: id,
    bulk_args: args,
    bulk_kwargs: null,
    bulk_environments: null,
    reference_id: crypto.randomUUID(),
  };
}
