/**
 * Compute servers for tests.
 *
 * @module
 */

import { denoDir } from "../../tools/support/files.ts";
import { ComputeServer, type ServerOptions } from "../../tools/compute_server/mod.ts";
import { whyNoProgram } from "./programs.ts";
import { useEnv } from "../../lib/util/env.ts";

/** The reason that tests with a platform are skipped. Absent in CI. */
export const whyNot: string | undefined = await whyNoProgram("python3");

/** Starts a server and sets its variables. Disposal ends the server and restores the variables. */
export async function enterPlatform(options: ServerOptions = {}): Promise<ComputeServer> {
  const DENO_DIR = await denoDir();
  const quick = { buildMs: 1, cancelMs: 1, slots: 2, env: { ...network(), DENO_DIR } };
  const server = await ComputeServer.start({ ...quick, ...options });
  // Tokens are stored in the home folder.
  const home = await Deno.makeTempDir({ prefix: "dl_jobs_test_" });
  const env = { ...server.envOf(), HOME: home, DENO_DIR };
  const used = useEnv(env);
  const end = server[Symbol.asyncDispose].bind(server);
  server[Symbol.asyncDispose] = async () => {
    used[Symbol.dispose]();
    await end();
    await Deno.remove(home, { recursive: true });
  };
  return server;
}

let server: ComputeServer | undefined;

/** Starts a server for all tests of a file, and ends it after them. */
export function usePlatform(): void {
  if (whyNot) return;
  Deno.test.beforeAll(async () => {
    server = await enterPlatform();
  });
  Deno.test.afterAll(() => server?.[Symbol.asyncDispose]());
}

/** Returns the server of the file. */
export function thePlatform(): ComputeServer {
  return server!;
}

/** Returns this process's variables for network access, which jobs need to fetch packages. */
function network(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  const isAbout = /^(DENO_|NPM_|SSL_CERT_|NODE_EXTRA_CA_CERTS$|HTTPS?_PROXY$|NO_PROXY$)/i;
  return Object.fromEntries(all.filter(([name]) => isAbout.test(name)));
}
