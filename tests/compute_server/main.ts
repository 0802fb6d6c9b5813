/**
 * The server by hand: `deno task compute-server [--port N] [--dir FOLDER]`, until Ctrl-C.
 *
 * What to set comes on stdout, so that `eval` can take it; all talk goes to stderr.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ComputeServer } from "./mod.ts";

if (import.meta.main) {
  const { port, dir } = readFlags(Deno.args);
  if (dir) await Deno.mkdir(dir, { recursive: true });
  await using server = await ComputeServer.start({ port: Number(port), ...(dir ? { dir } : {}) });
  for (const [name, value] of Object.entries(server.envOf())) {
    console.log(`export ${name}=${value}`);
  }
  console.error(`Compute server at ${server.base}, until Ctrl-C. Set the above where you work.`);
  await interrupted();
}

function readFlags(args: readonly string[]) {
  try {
    const options = {
      port: { type: "string", default: "0" },
      dir: { type: "string" },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (!/^\d{1,5}$/.test(values.port)) throw new TypeError(`--port ${values.port} is no number`);
    return values;
  } catch (error) {
    console.error(`Cannot start: ${(error as Error).message}`);
    Deno.exit(2);
  }
}

async function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  await promise;
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, resolve);
}
