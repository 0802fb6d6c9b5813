/**
 * The project on a web server, and a Deno cache for the modules that it serves.
 *
 * @module
 */

import { denoDir } from "../../tools/support/files.ts";

const ROOT = new URL("../..", import.meta.url);

/** A server that runs until disposal. */
export interface Server extends AsyncDisposable {
  /** The address of the project. */
  readonly base: string;
  /** Ends the server. */
  shutdown(): Promise<void>;
}

/** Serves the project's files below a random path, and additional files in `site/`. */
export function serveProject(site: Readonly<Record<string, string>> = {}): Server {
  const prefix = `/${crypto.randomUUID()}/dl_jobs`;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async ({ url }) => {
    const { pathname } = new URL(url);
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length + 1) : "none";
    const text = path.startsWith("site/")
      ? site[path.slice("site/".length)]
      : await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
    if (text === undefined) return new Response(null, { status: 404 });
    return new Response(text, { headers: { "content-type": "text/plain" } });
  });
  return {
    base: `http://127.0.0.1:${server.addr.port}${prefix}`,
    shutdown: () => server.shutdown(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/**
 * Creates a folder for `DENO_DIR`. Fetched modules stay out of the user's cache, but the packages
 * in that cache are used.
 */
export async function makeDenoDir(path: string): Promise<string> {
  const npm = `${await denoDir()}/npm`;
  await Deno.mkdir(path);
  await Deno.mkdir(npm, { recursive: true });
  await Deno.symlink(npm, `${path}/npm`);
  return path;
}
